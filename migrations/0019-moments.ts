import { type Kysely, sql } from 'kysely'

/** Columns that say when something happened. now() is the beginning of the transaction, which may be an hour ago. */
const MOMENTS: Record<string, readonly string[]> = {
  team: ['created_at'],
  administrator: ['created_at'],
  session: ['created_at', 'last_seen_at', 'proven_at'],
  api_token: ['created_at'],
  ftp_account: ['created_at'],
  import_settings: ['saved_at'],
  audit: ['at'],
  upload: ['started_at'],
  run: ['created_at'],
  slot: ['updated_at'],
  mail: ['created_at', 'next_attempt_at'],
  preference_change: ['at'],
}

/**
 * Moments are those of the clock. Only the contacts of an import bear one and the same moment, that of its transaction: it
 * tells which batch made them. The batch keeps it apart from the moment at which it was finished.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [table, columns] of Object.entries(MOMENTS))
    for (const column of columns)
      await sql`alter table ${sql.table(table)} alter column ${sql.ref(column)} set default clock_timestamp()`.execute(
        db,
      )
  await keepMomentOfChange(db)
  await sql`alter table batch add column applied_at timestamptz`.execute(db)
  await sql`update batch set applied_at = finished_at where state in ('imported', 'imported_with_errors', 'undone')`.execute(
    db,
  )
  await sql`create index batch_applied on batch (team_id, applied_at) where applied_at is not null`.execute(db)
}

/** As before, but that a change has the moment that the contact shows for it; what is given back, the moment of the undo. */
async function keepMomentOfChange(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function keep_preference_change() returns trigger language plpgsql
      security definer set search_path from current as $$
    declare
      -- Only an undo gives back the moment, too; that of an import may be earlier, as it begins before it writes.
      undone constant boolean := new.opt_out_changed_at < old.opt_out_changed_at and new.opt_out_changed_at <> now();
    begin
      insert into preference_change (team_id, contact_id, at, opted_out, source, was_opted_out, was_source, batch_id, undone,
        speaker)
      values (new.team_id, new.contact_id, case when undone then clock_timestamp() else new.opt_out_changed_at end,
        new.opted_out, new.opt_out_source, old.opted_out, old.opt_out_source,
        case when undone then old.last_batch_id when new.opt_out_source = 'import' then new.last_batch_id end, undone,
        nullif(current_setting('rosterport.speaker', true), ''));
      return null;
    end $$`.execute(db)
}
