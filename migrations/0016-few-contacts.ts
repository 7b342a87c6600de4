import { type Kysely, sql } from 'kysely'

/**
 * The contacts of a team that had few when the import of a large file began. What the import has written so far is passed over
 * one by one by whoever looks for contacts in an index, and to find the few among millions would take seconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table few_contacts (
      team_id integer primary key references team on delete cascade,
      -- They are all the contacts there are as long as this batch is being worked on.
      batch_id uuid not null references batch on delete cascade,
      contact_ids text[] not null
    )`.execute(db)
  await sql`create index few_contacts_batch on few_contacts (batch_id)`.execute(db)
  const teams = sql`(select nullif(current_setting('rosterport.teams', true), ''))`
  const seen = sql`(${teams} = 'all' or team_id = any ((select string_to_array(nullif(nullif(current_setting('rosterport.teams', true), ''), 'all'), ',')::integer[])::integer[]))`
  await sql`alter table few_contacts enable row level security`.execute(db)
  await sql`create policy team_seen on few_contacts for select using (${seen})`.execute(db)
  await sql`create policy team_changed on few_contacts for update using (${seen}) with check (${seen})`.execute(db)
  await sql`create policy team_removed on few_contacts for delete using (${seen})`.execute(db)
  await sql`create policy team_added on few_contacts for insert with check (${seen})`.execute(db)
}
