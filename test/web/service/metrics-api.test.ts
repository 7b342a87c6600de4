import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { createTeam } from '../../../store/teams.ts'
import { insertRun } from '../../support/history.ts'
import { OWNER, testWeb } from '../../support/web.ts'

interface Line {
  msg: string
  route?: string
  reference?: string
}
const lines: Line[] = []
const outside = testWeb({ log: createLog('info', { write: (line) => void lines.push(JSON.parse(line)) }) })
const local = testWeb({ publicUrl: new URL('http://127.0.0.1:8080') })
let call: Awaited<ReturnType<typeof outside.caller>>
let admin: Awaited<ReturnType<typeof outside.caller>>

beforeAll(async () => {
  const { db } = outside
  const team = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  const { batch } = await insertRun(db, team.id, 1)
  await db.updateTable('batch').set({ finished_at: new Date() }).where('id', '=', batch).execute()
  await db
    .insertInto('slot')
    .values({
      team_id: team.id,
      window_name: 'overnight',
      local_date: '2026-11-20',
      state: 'missed',
      opens_at: new Date(),
      closes_at: new Date(),
      run_id: null,
    })
    .execute()
  await createTeam(db, { team: 'new', name: 'New', timeZone: 'UTC' })
  call = await outside.caller(OWNER.email)
  await db
    .insertInto('administrator')
    .values({ email: 'sam@example.edu', role: 'admin', password_hash: null })
    .execute()
  admin = await outside.caller('sam@example.edu')
})

test('figures tell of uploads, runs, records, windows, mail, imports and the event loop', async () => {
  const response = await call('GET', '/metrics')
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  for (const line of [
    'rosterport_runs{state="imported_with_errors"} 1',
    'rosterport_runs{state="queued"} 0',
    'rosterport_records_total{outcome="rejected"} 2',
    'rosterport_slots_total{state="missed"} 1',
    'rosterport_mails{state="queued"} 0',
    'rosterport_imports{team="admissions",state="imported_with_errors"} 1',
    'rosterport_imports{team="admissions",state="failed"} 0',
    'rosterport_imports{team="new",state="rejected"} 0',
    'rosterport_files{team="new",state="waiting"} 0',
    'rosterport_files{team="new",state="held"} 0',
    'rosterport_windows_missed_total{team="admissions"} 1',
    'rosterport_windows_missed_total{team="new"} 0',
    'rosterport_oldest_mail_age_seconds 0',
  ])
    expect(text).toContain(`${line}\n`)
  expect(text).toMatch(/rosterport_last_import_age_seconds\{team="admissions"\} \d/)
  expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds \d/)
  expect(text).toContain('# TYPE rosterport_uploads_total counter')
  expect((await call('GET', '/metrics').then((again) => again.text())).match(/rejected"} 2/)).not.toBeNull()
})

test('the alert rules name only metrics that are there before anything has happened', async () => {
  const rules = await readFile(join(import.meta.dirname, '../../../ops/alerts.yaml'), 'utf8')
  const named = [...new Set([...rules.matchAll(/\brosterport_[a-z_]+/g)].map(([name]) => name))]
  const text = await (await call('GET', '/metrics')).text()
  expect(named.length).toBeGreaterThan(5)
  // An age has no value for a team that never had an import.
  for (const name of named) expect(text).toMatch(new RegExp(`^# TYPE ${name} `, 'm'))
})

test('figures are for owners, and for a collector on this machine where nobody calls from outside', async () => {
  expect((await admin('GET', '/metrics')).status).toBe(403)
  expect((await outside.request('GET', '/metrics', { accept: 'text/plain, application/json' })).status).toBe(401)
  expect((await local.request('GET', '/metrics', {})).status).toBe(200)
  for (const headers of [{ 'x-forwarded-for': '192.0.2.1' }, { authorization: 'Bearer wrong' }, { via: '1.1 proxy' }])
    expect((await local.request('GET', '/metrics', { accept: 'application/json', ...headers })).status).toBe(401)
})

test('the log of requests holds their pattern and no more of them', async () => {
  lines.length = 0
  await call('GET', '/api/teams/admissions/contacts/1001-secret?search=7165550101')
  await outside.request('GET', '/invitation/secret-link', {})
  await outside.request('GET', '/secret-nowhere', {})
  const requests = lines.filter(({ msg }) => msg === 'request')
  expect(requests.map(({ route }) => route)).toEqual([
    '/api/teams/:team/contacts/:contactId',
    '/invitation/:token',
    '-',
  ])
  expect(requests[0]).toEqual({
    level: 'info',
    time: expect.any(String),
    method: 'GET',
    route: '/api/teams/:team/contacts/:contactId',
    status: 404,
    ms: expect.any(Number),
    reference: expect.stringMatching(/^[0-9a-f-]{36}$/),
    msg: 'request',
  })
  expect(JSON.stringify(lines)).not.toMatch(/secret|7165550101|127\.0\.0\.1/)
})
