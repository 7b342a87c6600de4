import { type Kysely, sql } from 'kysely'

/** What contacts held before a batch changed them, kept for a while so that the batch can be undone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Without foreign keys, as the contacts: they are checked for each row.
  await sql`
    create table contact_before (
      team_id integer not null,
      batch_id uuid not null,
      contact_id text not null,
      first_name text not null,
      last_name text not null,
      mobile_number text not null,
      staff_id text,
      custom_fields jsonb not null,
      opted_out boolean not null,
      opt_out_source text not null,
      opt_out_changed_at timestamptz not null,
      last_batch_id uuid
    )`.execute(db)
  await sql`create index contact_before_batch on contact_before (batch_id)`.execute(db)
  await sql`
    create function delete_contact_before() returns trigger language plpgsql
      security definer set search_path from current as $$
    begin
      delete from contact_before where batch_id in (select id from batch where team_id = old.id);
      return old;
    end $$`.execute(db)
  await sql`
    create trigger contact_before_team before delete on team
      for each row execute function delete_contact_before()`.execute(db)
  await sql`
    alter table batch
      -- Until when what its contacts held before is kept; null where it never was, or is no more.
      add column undo_until timestamptz,
      -- Who undid it, when, and what that did: {by, at, restored, removed, left, leftContacts}.
      add column undone jsonb,
      add check ((state = 'undone') = (undone is not null))`.execute(db)
  await sql`create index batch_undo on batch (undo_until) where undo_until is not null`.execute(db)
  await sql`
    alter table mail
      drop constraint mail_kind_check,
      add constraint mail_kind_check
        check (kind in ('recap', 'missed', 'silent', 'held', 'test', 'invitation', 'undone'))`.execute(db)
  await wall(db)
}

/** As of every table that belongs to a team. */
async function wall(db: Kysely<unknown>): Promise<void> {
  const teams = sql`(select nullif(current_setting('rosterport.teams', true), ''))`
  const seen = sql`(${teams} = 'all' or team_id = any ((select string_to_array(nullif(nullif(current_setting('rosterport.teams', true), ''), 'all'), ',')::integer[])::integer[]))`
  await sql`alter table contact_before enable row level security`.execute(db)
  await sql`create policy team_seen on contact_before for select using (${seen})`.execute(db)
  await sql`create policy team_changed on contact_before for update using (${seen}) with check (${seen})`.execute(db)
  await sql`create policy team_removed on contact_before for delete using (${seen})`.execute(db)
  await sql`create policy team_added on contact_before for insert with check (${seen})`.execute(db)
}
