import { type RawBuilder, sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { LongestBlock } from '../../support/longest-block.ts'
import { OWNER, testWeb } from '../../support/web.ts'
import { EXAMPLE_SETTINGS } from '../pages/example.ts'

/** A team that has as much of everything as it may have, or far more than any has, on a server with as many others. */
const MOST_MS = 100
const MANY = 5_000
const { db, app, signIn, request } = testWeb()
const blocks = new LongestBlock()
let cookie: string
let teamId: number
let person: string

const upTo = (count: number) => sql.raw(`generate_series(1, ${count}) n`)
const fill = (statement: RawBuilder<unknown>) => statement.execute(db)
const long = (text: string) => text.padEnd(255, 'x')
const ofRun = (number: number) => db.selectFrom('run').select('id').where('number', '=', number)

beforeAll(async () => {
  teamId = (await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' }))?.id as number
  const owner = db.selectFrom('administrator').select('id').where('email', '=', OWNER.email)
  person = (await owner.executeTakeFirstOrThrow()).id
  await fillSettings()
  await fillServer()
  await fillTeam()
  await fillRuns()
  cookie = await signIn()
}, 120_000)

async function fillSettings(): Promise<void> {
  const fields = Array.from({ length: 25 }, (_, n) => ({ name: long(`Field ${n}`), column: long(`FIELD_${n}`) }))
  const additionalFields = fields.map((field) => ({ ...field, required: false, mergeable: true, visibleToUser: true }))
  const aliases = Object.fromEntries(
    fields.map(({ name }, field) => [name, Array.from({ length: 20 }, (_, n) => long(`${field} ${n}`))]),
  )
  await saveSettings(db, teamId, 0, { ...EXAMPLE_SETTINGS, additionalFields, aliases }, OWNER.email)
}

async function fillServer(): Promise<void> {
  await fill(
    sql`insert into team (team, name, time_zone) select 'team-' || n, rpad('Team ' || n, 255, 'x'), 'UTC' from ${upTo(MANY)}`,
  )
  await fill(sql`insert into administrator (email, name, role, password_hash)
    select 'person' || n || '@example.edu', rpad('Person ' || n, 255, 'x'), 'admin', null from ${upTo(MANY)}`)
  await fill(sql`insert into administrator_team (administrator_id, team_id) select a.id, t.id
    from (select id from administrator where role = 'admin' order by email limit 50) a, (select id from team order by id limit 1000) t`)
  await fill(sql`insert into session (token_hash, administrator_id, user_agent)
    select decode(lpad(to_hex(n), 64, '0'), 'hex'), ${person}, rpad('Mozilla', 400, 'x') from ${upTo(MANY)}`)
  await fill(sql`insert into api_token (name, token_hash, administrator_id)
    select rpad('Token ' || n, 100, 'x'), decode(lpad(to_hex(n), 64, '0'), 'hex'), ${person} from ${upTo(MANY)}`)
}

async function fillTeam(): Promise<void> {
  await fill(sql`insert into team_user (team_id, staff_id, name, email)
    select ${teamId}, rpad('s' || n, 255, 's'), rpad('Name ' || n, 255, 'x'), 'person' || n || '@example.edu' from ${upTo(MANY)}`)
  await fill(sql`insert into ftp_account (username, team_id, allowed_addresses, public_keys)
    select case when n > 60 then 'sis-' else 'a-' end || n, ${teamId}, array(select '192.0.2.' || k from generate_series(1, 100) k),
      array(select rpad('ssh-rsa ', 16384, 'A') from generate_series(1, case when n > 60 then 1 else 20 end)) from ${upTo(MANY)}`)
  await fill(sql`insert into contact (team_id, contact_id, first_name, last_name, mobile_number, staff_id, custom_fields)
    select ${teamId}, rpad('c' || n, 255, 'c'), rpad('F', 255, 'f'), rpad('L', 255, 'l'), '+15075550100', 's' || n,
      (select jsonb_object_agg(rpad('Field ' || k, 255, 'x'), repeat(md5(n || ':' || k), 125)) from generate_series(0, 24) k)
    from ${upTo(100)}`)
  await fill(sql`insert into audit (team_id, team, actor, actor_kind, action, details)
    select ${teamId}, 'admissions', ${OWNER.email}, 'administrator', 'team-users.save',
      (select jsonb_object_agg(rpad('s' || k, 255, 's') || '.email',
        jsonb_build_object('from', rpad('', 320, 'x'), 'to', rpad('', 320, 'y'))) from generate_series(1, 200) k)
    from ${upTo(101)}`)
}

async function fillRuns(): Promise<void> {
  const header = JSON.stringify(Array.from({ length: 2_000 }, (_, n) => long(String(n))))
  const values = JSON.stringify(Array(2_000).fill('v'.repeat(500)))
  const faults = Array.from({ length: 29 }, (_, n) => ({
    code: 'E_TOO_LONG',
    field: long(`Field ${n}`),
    message: 'm'.repeat(400),
  }))
  await fill(sql`insert into run (team_id, number, trigger, state, requested_by, started_at, finished_at)
    select ${teamId}, n, 'on_demand', 'imported_with_errors', ${OWNER.email}, now(), now() from ${upTo(10_000)}`)
  await fill(sql`update run set files = (select jsonb_agg(jsonb_build_object('path', '/cadence/imports/' || k || '.csv',
    'reason', 'It is not the newest.', 'verdict', 'superseded')) from generate_series(1, 10000) k) where number > 9997`)
  await fill(sql`insert into batch (run_id, team_id, ordinal, state, path, file_name, bytes, settings_version, records, rejected, header, started_at, finished_at)
    select run.id, ${teamId}, n, case when n = 1 then 'imported_with_errors' else 'imported' end, '/cadence/imports/' || n || '.csv', n || '.csv',
      1000, 1, case when n = 1 then 20 else 0 end, case when n = 1 then 20 else 0 end, case when n = 1 then ${header}::json else '["ID"]'::json end, now(), now()
    from run, ${upTo(MANY)} where number = 10000`)
  await fill(sql`insert into mail (team_id, batch_id, kind, message_id, recipients, state)
    select ${teamId}, id, 'recap', id::text, (select jsonb_agg(jsonb_build_object('address', rpad('a' || k, 300, 'a') || '@example.edu',
      'state', 'sent', 'reason', null)) from generate_series(1, 50) k), 'sent' from batch`)
  await fill(sql`insert into record_error (batch_id, line, contact_id, errors, record_values)
    select batch.id, n, 'c' || n, ${JSON.stringify(faults)}::jsonb, ${values}::json from batch, ${upTo(20)} where rejected > 0`)
}

/** What does not end by itself, and what holds nothing of a team. */
const LEFT_OUT = /\/live$|\/events$|^\/assets|^\/docs|^\/help|^\/invitation|\*/

test(`no page and no answer about the largest team holds up anybody for ${MOST_MS} ms`, async () => {
  const { id: run } = await ofRun(10_000).executeTakeFirstOrThrow()
  const batches = db.selectFrom('batch').select('id').where('ordinal', '=', 1)
  const { id: batch } = await batches.executeTakeFirstOrThrow()
  const addressOf = (path: string) =>
    path
      .replace(':team', 'admissions')
      .replace(/\/runs\/:\w+/, `/runs/${run}`)
      .replace(/\/batches\/:\w+/, `/batches/${batch}`)
      .replace(/\/people\/:\w+/, `/people/${person}`)
      .replace(':contactId', 'c1'.padEnd(255, 'c'))
  const routes = app.routes.flatMap(({ method, path }) => (method === 'GET' && !LEFT_OUT.test(path) ? [path] : []))
  const found: string[] = []
  const statuses = new Map<number, number>()
  for (const path of new Set(routes)) {
    const isApi = path.startsWith('/api')
    const read = async () => {
      const { status, body } = await request('GET', addressOf(path) + (isApi ? '?limit=500' : ''), {
        cookie,
        accept: isApi ? 'application/json' : 'text/html',
      })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      for await (const _ of body ?? []);
    }
    const milliseconds = await blocks.leastOf(read, MOST_MS)
    if (milliseconds > MOST_MS) found.push(`${path}: ${Math.round(milliseconds)} ms`)
  }
  expect(statuses.get(200)).toBeGreaterThan(40)
  expect(found).toEqual([])
}, 120_000)
