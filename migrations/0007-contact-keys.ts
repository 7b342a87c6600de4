import { type Kysely, sql } from 'kysely'

/**
 * A foreign key is checked for each row that is written, which costs a large import more than writing the row does. The
 * import itself knows that its team and its batch exist; what is left is to clean up after a team or a batch that goes, whoever
 * deletes it: foreign keys ask for no rights either.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table contact drop constraint contact_team_id_fkey, drop constraint contact_last_batch_id_fkey`.execute(
    db,
  )
  await sql`
    create function delete_contacts_of_team() returns trigger language plpgsql
      security definer set search_path from current as $$
    begin
      delete from contact where team_id = old.id;
      return old;
    end $$`.execute(db)
  // Before the team goes, so that its batches find no contacts any more that name them.
  await sql`
    create trigger contact_team before delete on team
      for each row execute function delete_contacts_of_team()`.execute(db)
  await sql`
    create function forget_batch_of_contacts() returns trigger language plpgsql
      security definer set search_path from current as $$
    begin
      update contact set last_batch_id = null where team_id = old.team_id and last_batch_id = old.id;
      return null;
    end $$`.execute(db)
  await sql`
    create trigger contact_last_batch after delete on batch
      for each row execute function forget_batch_of_contacts()`.execute(db)
}
