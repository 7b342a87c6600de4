import { type Kysely, sql } from 'kysely'

/**
 * Confines a new table with a `team_id` to the teams in `rosterport.teams`, as the tables before it. For migrations to come:
 * released ones hold their own copy and are never edited. It is no SQL function, since PostgreSQL does not inline one with the
 * subqueries by which the setting is read once for a statement, and would call it for each row.
 */
export async function confineToTeams(db: Kysely<unknown>, table: string): Promise<void> {
  const name = sql.table(table)
  const setting = sql`nullif(current_setting('rosterport.teams', true), '')`
  const seen = sql`((select ${setting}) = 'all' or team_id = any ((select string_to_array(nullif(${setting}, 'all'), ',')::integer[])::integer[]))`
  await sql`alter table ${name} enable row level security`.execute(db)
  await sql`create policy team_seen on ${name} for select using (${seen})`.execute(db)
  await sql`create policy team_changed on ${name} for update using (${seen}) with check (${seen})`.execute(db)
  await sql`create policy team_removed on ${name} for delete using (${seen})`.execute(db)
  await sql`create policy team_added on ${name} for insert with check (${seen})`.execute(db)
}
