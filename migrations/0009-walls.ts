import { type Kysely, sql } from 'kysely'

/** Read before it is known whose request it is. */
const NOT_WALLED = ['api_token', 'administrator_team']

/**
 * The second wall between teams. What is asked for on behalf of a person sees the teams in `rosterport.teams` (their keys,
 * or `all`) and none where that is not set. It binds neither the owner of the tables nor the importer.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await wall(db, 'team', seen(sql`id`))
  for (const { table, by } of await tablesOfTeams(db)) {
    if (NOT_WALLED.includes(table)) continue
    if (by === 'team_id') await wall(db, table, seen(sql`team_id`), sql`team_id is null or ${seen(sql`team_id`)}`)
    else await wall(db, table, sql`exists (select from batch where batch.id = batch_id)`)
  }
}

function seen(team: ReturnType<typeof sql>) {
  const teams = sql`(select nullif(current_setting('rosterport.teams', true), ''))`
  return sql`(${teams} = 'all' or ${team} = any ((select string_to_array(nullif(nullif(current_setting('rosterport.teams', true), ''), 'all'), ',')::integer[])::integer[]))`
}

async function wall(
  db: Kysely<unknown>,
  table: string,
  visible: ReturnType<typeof sql>,
  insertable: ReturnType<typeof sql> = visible,
): Promise<void> {
  const name = sql.table(table)
  await sql`alter table ${name} enable row level security`.execute(db)
  await sql`create policy team_seen on ${name} for select using (${visible})`.execute(db)
  await sql`create policy team_changed on ${name} for update using (${visible}) with check (${visible})`.execute(db)
  await sql`create policy team_removed on ${name} for delete using (${visible})`.execute(db)
  await sql`create policy team_added on ${name} for insert with check (${insertable})`.execute(db)
}

/** Everything that belongs to a team by its key or by its batch. */
async function tablesOfTeams(db: Kysely<unknown>): Promise<{ table: string; by: 'team_id' | 'batch_id' }[]> {
  const { rows } = await sql<{ table: string; by: 'team_id' | 'batch_id' }>`
    select cls.relname as "table", max(att.attname) as by
    from pg_class cls join pg_attribute att on att.attrelid = cls.oid and att.attname in ('team_id', 'batch_id')
    where cls.relkind = 'r' and cls.relnamespace = current_schema()::regnamespace
    group by cls.relname order by cls.relname`.execute(db)
  return rows
}
