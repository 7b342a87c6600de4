import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import type { Team } from '../../../model/team.ts'
import { audit } from '../../../store/audit.ts'
import { setOptOut } from '../../../store/contacts/contact-list.ts'
import { copyInto } from '../../../store/postgres/copy.ts'
import { copyLine } from '../../../store/postgres/copy-text.ts'
import { inTransaction, openDatabase } from '../../../store/postgres/database.ts'
import { prepareRoles, RUN_ROLE, WEB_ROLE } from '../../../store/postgres/roles.ts'
import { openWall } from '../../../store/postgres/row-security.ts'
import { removeTeam } from '../../../store/teams.ts'
import { TEST_SECRET, testDatabase } from '../../support/database.ts'
import { insertRun } from '../../support/history.ts'
import { insertContact, insertTeam } from '../../support/teams.ts'

const { db: asOwner, address } = testDatabase()
const log = createLog('silent')
const run = openDatabase(address, log, { size: 2, role: RUN_ROLE })
const web = openDatabase(address, log, { size: 3, role: WEB_ROLE, secret: TEST_SECRET })
const wall = openWall(web)
let own: Team
let foreign: Team
let batch: string

beforeAll(async () => {
  own = await insertTeam(asOwner, 'admissions')
  foreign = await insertTeam(asOwner, 'bursar')
  for (const team of [own, foreign]) {
    batch = (await insertRun(asOwner, team.id, 1)).batch
    await insertContact(asOwner, team.id)
    await audit(asOwner, { name: 'x', kind: 'system', address: null }, { action: 'test', team })
  }
  await audit(asOwner, { name: 'x', kind: 'system', address: null }, { action: 'of no team' })
})
afterAll(() => Promise.all([run.close(), wall.close()]))

/** Without any condition: what comes back is what the wall lets through. */
function everything() {
  return Promise.all([
    wall.db.selectFrom('team').select('id as team_id').execute(),
    wall.db.selectFrom('run').select('team_id').execute(),
    wall.db.selectFrom('batch').select('team_id').execute(),
    wall.db.selectFrom('contact').select('team_id').execute(),
    wall.db.selectFrom('audit').select('team_id').execute(),
  ])
}

test('a query that forgets to name the team finds the things of the asker alone', async () => {
  for (const rows of await wall.within([own.id], everything)) expect(rows).toEqual([{ team_id: own.id }])
  const faults = await wall.within([own.id], () =>
    wall.db.selectFrom('record_error').innerJoin('batch', 'batch.id', 'batch_id').select('team_id').execute(),
  )
  expect(new Set(faults.map((fault) => fault.team_id))).toEqual(new Set([own.id]))
})

test('many askers at once on few connections keep apart', async () => {
  const both = Array.from({ length: 40 }, (_, index) => (index % 2 ? own.id : foreign.id))
  const seen = await Promise.all(
    both.map((id) => wall.within([id], () => wall.db.selectFrom('contact').select('team_id').execute())),
  )
  expect(seen).toEqual(both.map((id) => [{ team_id: id }]))
})

test('on behalf of nobody nothing is seen, on behalf of an owner everything', async () => {
  for (const rows of await everything()) expect(rows).toEqual([])
  for (const rows of await wall.within([], everything)) expect(rows).toEqual([])
  for (const rows of await wall.within('all', everything)) expect(rows.length).toBeGreaterThan(1)
})

const trespasses = [
  {
    title: 'changing a contact',
    work: () => wall.db.updateTable('contact').set({ first_name: 'X' }).where('team_id', '=', foreign.id).execute(),
  },
  { title: 'removing a batch', work: () => wall.db.deleteFrom('batch').where('id', '=', batch).execute() },
]
for (const { title, work } of trespasses)
  test(`${title} of another team changes nothing`, async () => {
    const before = await asOwner.selectFrom('contact').selectAll().execute()
    await wall.within<Promise<unknown>>([own.id], work)
    expect(await asOwner.selectFrom('contact').selectAll().execute()).toEqual(before)
    expect(await asOwner.selectFrom('batch').where('id', '=', batch).select('id').execute()).toHaveLength(1)
  })

test('a preference that is set on behalf of a team stands in its own history', async () => {
  await wall.within([own.id], () => setOptOut(wall.db, own.id, '1001', 'opted_out', 'admin'))
  const history = () => wall.db.selectFrom('preference_change').select(['team_id', 'contact_id']).execute()
  expect(await wall.within([own.id], history)).toEqual([{ team_id: own.id, contact_id: '1001' }])
  expect(await wall.within([foreign.id], history)).toEqual([])
})

test('a number that opted out is kept when its team is removed on behalf of an owner, and forgotten at a word of its person', async () => {
  const kept = () => asOwner.selectFrom('stopped_number').select(['team', 'source']).execute()
  const made = async () => {
    const team = await insertTeam(asOwner, 'removed')
    await insertContact(asOwner, team.id, '7')
    return team
  }
  const first = await made()
  await wall.within('all', () => setOptOut(wall.db, first.id, '7', 'opted_out', 'contact'))
  await wall.within('all', () => removeTeam(wall.db, first.id))
  expect(await kept()).toEqual([{ team: 'removed', source: 'contact' }])
  const again = await made()
  await wall.within([foreign.id], () => wall.db.deleteFrom('stopped_number').execute())
  expect(await kept()).toHaveLength(1)
  await wall.within([again.id], () => setOptOut(wall.db, again.id, '7', 'opted_in', 'contact'))
  expect(await kept()).toEqual([])
  await wall.within('all', () => removeTeam(wall.db, again.id))
})

test('nothing can be put into another team', async () => {
  const adding = wall.within([own.id], () =>
    wall.db.insertInto('team_user').values({ team_id: foreign.id, staff_id: 's', name: 'n', email: 'e' }).execute(),
  )
  await expect(adding).rejects.toThrow(/row-level security/)
  const moving = wall.within([own.id], () => wall.db.updateTable('contact').set({ team_id: foreign.id }).execute())
  await expect(moving).rejects.toThrow(/row-level security/)
})

test('every table that belongs to teams stands behind the wall', async () => {
  const { rows } = await sql<{ table: string }>`
    select distinct cls.relname as "table" from pg_class cls
    join pg_attribute att on att.attrelid = cls.oid and att.attname in ('team_id', 'batch_id')
    where cls.relkind = 'r' and not cls.relrowsecurity order by 1`.execute(asOwner)
  // These are read to find out whose request it is.
  expect(rows.map(({ table }) => table)).toEqual(['administrator_team', 'api_token'])
})

for (const [title, { db }] of [
  ['imports and uploads', run],
  ['requests', web],
] as const) {
  const refused = [
    sql`create table mine (x integer)`,
    sql`alter table contact add column x integer`,
    sql`drop table contact`,
    sql`truncate contact`,
    sql`update audit set actor = 'nobody'`,
    sql`delete from audit`,
    sql`delete from preference_change`,
    sql`update preference_change set opted_out = false`,
    sql`update kysely_migration set name = 'x'`,
    sql`alter role ${sql.id(WEB_ROLE)} bypassrls`,
  ]
  test(`the role of ${title} changes neither the schema nor the audit nor the preference history`, async () => {
    for (const statement of refused) await expect(statement.execute(db)).rejects.toMatchObject({ code: '42501' })
  })
}

test('an import may gather in temporary tables and copy', async () => {
  await inTransaction(run.pool, async (client) => {
    await client.query('create temp table gathered (x integer) on commit drop')
    const statement = 'copy record_warning (batch_id, line, code, contact_id, message) from stdin'
    await copyInto(client, statement, [copyLine([batch, 9, 'W_MOBILE_SHARED', null, 'shared'])])
  })
  expect(await run.db.selectFrom('record_warning').where('line', '=', 9).select('code').execute()).toHaveLength(1)
})

test('a user who may not make roles works without them, and one line says so', async () => {
  const lines: string[] = []
  const telling = createLog('warn', { write: (line) => void lines.push(line) })
  const name = `plain_${own.id}_${process.pid}`
  await sql`create role ${sql.id(name)} nologin`.execute(asOwner)
  const plain = openDatabase(address, telling, { size: 1, role: name })
  try {
    expect(await prepareRoles(plain.db, telling)).toEqual({ run: null, web: null })
  } finally {
    await plain.close()
    await sql`drop owned by ${sql.id(name)}`.execute(asOwner)
    await sql`drop role ${sql.id(name)}`.execute(asOwner)
  }
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('running as the owner of the tables')
})
