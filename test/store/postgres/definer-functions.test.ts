import { sql } from 'kysely'
import type { PoolClient } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import type { Team } from '../../../model/team.ts'
import { openDatabase } from '../../../store/postgres/database.ts'
import { prepareRoles, RUN_ROLE, WEB_ROLE } from '../../../store/postgres/roles.ts'
import { testDatabase } from '../../support/database.ts'
import { insertContact, insertTeam } from '../../support/teams.ts'

const { db: asOwner, address } = testDatabase()
const log = createLog('silent')
let team: Team

beforeAll(async () => {
  team = await insertTeam(asOwner, 'admissions')
  await insertContact(asOwner, team.id)
})

/** One connection of this role, which keeps its temporary tables; closed when `work` ends. */
async function asRole<T>(role: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const { pool, close } = openDatabase(address, log, { size: 1, role })
  onEnd.push(close)
  const client = await pool.connect()
  try {
    return await work(client)
  } finally {
    client.release(true)
  }
}
const onEnd: (() => Promise<void>)[] = []
afterAll(() => Promise.all(onEnd.map((close) => close())))

test('a temporary table of the web role neither runs as the owner nor takes the history of a preference', async () => {
  // As where PostgreSQL lets everybody make temporary tables.
  await sql`grant temporary on database ${sql.id(address.database)} to ${sql.id(WEB_ROLE)}`.execute(asOwner)
  const ranAs = await asRole(WEB_ROLE, async (client) => {
    await client.query("select set_config('rosterport.teams', 'all', false)")
    await client.query('create temp table preference_change as table public.preference_change')
    await client.query('create temp table ran (as_user text)')
    await client.query('grant all on ran to public')
    await client.query(`
      create function pg_temp.steal() returns trigger language plpgsql as $$
      begin insert into pg_temp.ran values (current_user); return new; end $$`)
    await client.query(
      'create trigger stolen before insert on preference_change for each row execute function pg_temp.steal()',
    )
    await client.query("update contact set opted_out = not opted_out, opt_out_source = 'admin'")
    return (await client.query('select as_user from ran')).rows
  })
  expect(ranAs).toEqual([])
  const history = await asOwner.selectFrom('preference_change').select(['team_id', 'contact_id', 'source']).execute()
  expect(history).toEqual([{ team_id: team.id, contact_id: '1001', source: 'admin' }])
})

test('every function with the rights of the owner has a fixed path, whole names, and no right for everybody', async () => {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')`.execute(
    asOwner,
  )
  const { rows: functions } = await sql<{ name: string; config: string[] | null; body: string; open: boolean }>`
    select proname as name, proconfig as config, prosrc as body, has_function_privilege('public', oid, 'execute') as open
    from pg_proc where prosecdef and pronamespace <> 'pg_catalog'::regnamespace`.execute(asOwner)
  const faults = functions.flatMap(({ name, config, body, open }) => [
    ...(config?.includes('search_path=public, pg_temp') ? [] : [`${name}: search_path`]),
    ...(open ? [`${name}: execute for public`] : []),
    ...tables
      .filter((table) => new RegExp(`\\b(?:from|into|update|join|using|,)\\s+"?${table.name}\\b`, 'i').test(body))
      .map((table) => `${name}: ${table.name} without its schema`),
  ])
  expect(faults).toEqual([])
  expect(functions.map(({ name }) => name)).toContain('keep_preference_change')
})

test('imports may make temporary tables, requests may not', async () => {
  await sql`revoke temporary on database ${sql.id(address.database)} from ${sql.id(WEB_ROLE)}`.execute(asOwner)
  await prepareRoles(asOwner, log)
  const gather = (client: PoolClient) => client.query('create temp table gathered (x integer)')
  await expect(asRole(WEB_ROLE, gather)).rejects.toMatchObject({ code: '42501' })
  await expect(asRole(RUN_ROLE, gather)).resolves.toBeDefined()
})

test('requests find contacts, though not everybody may', async () => {
  await prepareRoles(asOwner, log)
  const found = await asRole(WEB_ROLE, (client) =>
    client.query("select contacts_found($1, array['1001'], 'x', '{x}', '{x}', '{}', null, null, null, 10) as id", [
      team.id,
    ]),
  )
  expect(found.rows).toEqual([{ id: '1001' }])
})
