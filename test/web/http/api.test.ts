import { beforeAll, expect, test } from 'vitest'
import type { Team } from '../../../model/team.ts'
import { createTeam } from '../../../store/teams.ts'
import { insertRun } from '../../support/history.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

let databaseAnswers = true
const { db, madeRoots, setAside, request, asOwner, caller } = testWeb({
  readiness: {
    database: async () => {
      if (!databaseAnswers) throw new Error('connect ECONNREFUSED 10.0.0.7:5432')
    },
    disk: async () => {},
  },
})
let call: Awaited<ReturnType<typeof caller>>
let team: Team
let history: { run: string; batch: string }

beforeAll(async () => {
  call = await caller(OWNER.email)
  const made = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  if (!made) throw new Error('the team was not made')
  team = made
  history = await insertRun(db, team.id, 1)
  for (const number of [2, 3]) await insertRun(db, team.id, number)
  await db
    .insertInto('contact')
    .values(
      ['1001', '1002', 'A/1 %'].map((contactId, index) => ({
        team_id: team.id,
        contact_id: contactId,
        first_name: 'Ann',
        last_name: `Lee${index}`,
        mobile_number: `+1716555010${index}`,
        staff_id: null,
        record_hash: '7',
        last_batch_id: null,
      })),
    )
    .execute()
})

async function json(method: string, path: string, body?: unknown) {
  const response = await call(method, path, body)
  return { status: response.status, body: response.status === 204 ? null : await anyJson(response) }
}

test('a team is made once, with its root, changed and removed', async () => {
  const registrar = { team: 'registrar', name: 'Registrar', timeZone: 'America/New_York' }
  const made = await json('POST', '/api/teams', registrar)
  expect(made).toMatchObject({ status: 201, body: { ...registrar, ftpStrictClose: true } })
  expect(made.body).not.toHaveProperty('id')
  expect(madeRoots).toContain('registrar')
  expect(await json('POST', '/api/teams', registrar)).toMatchObject({ status: 409 })
  const changed = await json('PATCH', '/api/teams/registrar', { timeZone: 'America/Chicago', quotaBytes: 1000 })
  expect(changed.body).toMatchObject({ name: 'Registrar', timeZone: 'America/Chicago', quotaBytes: 1000 })
  expect(await json('PATCH', '/api/teams/registrar', {})).toEqual(changed)
  const { id } = await db.selectFrom('team').select('id').where('team', '=', 'registrar').executeTakeFirstOrThrow()
  // A token of one team is no owner, like an administrator of it.
  const ofTeam = await caller(OWNER.email, id)
  for (const limits of [{ quotaBytes: 1e15 }, { quotaFiles: 2_000_000_000 }, { ftpStrictClose: false }])
    expect((await ofTeam('PATCH', '/api/teams/registrar', limits)).status).toBe(403)
  expect((await ofTeam('PATCH', '/api/teams/registrar', { timeZone: 'America/Chicago' })).status).toBe(200)
  expect(await json('GET', '/api/teams/registrar')).toEqual(changed)
  expect(await json('DELETE', '/api/teams/registrar')).toEqual({ status: 204, body: null })
  expect(await json('GET', '/api/teams/registrar')).toMatchObject({ status: 404 })
  const { items } = (await json('GET', '/api/audit')).body
  expect(items[0]).toMatchObject({ action: 'team.delete', team: 'registrar' })
})

test('of many who remove a team at once one does, and the others are told that there is none', async () => {
  await call('POST', '/api/teams', { team: 'parking', name: 'Parking', timeZone: 'UTC' })
  const answers = await Promise.all(Array.from({ length: 5 }, () => call('DELETE', '/api/teams/parking')))
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404])
})

test('a team is not removed while a run of it is going', async () => {
  await call('POST', '/api/teams', { team: 'housing', name: 'Housing', timeZone: 'UTC' })
  const { id } = await db.selectFrom('team').select('id').where('team', '=', 'housing').executeTakeFirstOrThrow()
  const { run } = await insertRun(db, id, 1)
  for (const { state, status } of [
    { state: 'queued', status: 409 },
    { state: 'running', status: 409 },
    { state: 'failed', status: 204 },
  ] as const) {
    await db.updateTable('run').set({ state }).where('id', '=', run).execute()
    expect((await call('DELETE', '/api/teams/housing')).status).toBe(status)
  }
})

const badTeams = [
  { title: 'a slug with a slash', body: { team: '../x', name: 'X', timeZone: 'UTC' }, paths: ['team'] },
  {
    title: 'an unknown zone and no name',
    body: { team: 'x', name: ' ', timeZone: 'Mars/Olympus' },
    paths: ['name', 'timeZone'],
  },
  { title: 'a key that does not exist', body: { team: 'x', name: 'X', timeZone: 'UTC', owner: true }, paths: [''] },
  { title: 'a list', body: [], paths: [''] },
]
for (const { title, body, paths } of badTeams)
  test(`${title} makes no team`, async () => {
    const answer = await json('POST', '/api/teams', body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual(paths)
  })

test('what is no JSON is answered by 400, more than 1 MiB by 413, a NUL by 422', async () => {
  expect(await json('POST', '/api/teams', '{"team":')).toMatchObject({ status: 400, body: { status: 400 } })
  expect(await json('POST', '/api/teams', 'x'.repeat(1024 * 1024 + 1))).toMatchObject({ status: 413 })
  const nul = { team: 'x', name: 'a\u0000b', timeZone: 'UTC' }
  expect(await json('POST', '/api/teams', nul)).toMatchObject({ status: 422 })
  expect(await json('GET', '/api/teams/admissions/contacts?search=%00')).toMatchObject({ status: 422 })
})

test('a token is shown once, works, and dies when it is removed', async () => {
  const made = await asOwner('POST', '/api/tokens', { name: 'SIS job', team: 'admissions' })
  expect(made.status).toBe(201)
  const { id, token, name } = await anyJson(made)
  expect([name, token]).toEqual(['SIS job', expect.stringMatching(/^rosterport_/)])
  const authorization = `Bearer ${token}`
  expect((await request('GET', '/api/teams/admissions', { authorization })).status).toBe(200)
  const list = await json('GET', '/api/tokens')
  expect(list.body.items).toContainEqual(expect.objectContaining({ id, name: 'SIS job', team: 'admissions' }))
  expect(JSON.stringify(list.body)).not.toContain(token)
  expect(await json('DELETE', `/api/tokens/${id}`)).toMatchObject({ status: 204 })
  expect(await json('DELETE', `/api/tokens/${id}`)).toMatchObject({ status: 404 })
  expect((await request('GET', '/api/teams/admissions', { authorization })).status).toBe(401)
})

test('an FTP account is made with a password that only this answer holds', async () => {
  const at = '/api/teams/admissions/ftp-accounts'
  const made = await json('POST', at, { username: 'sis', allowedAddresses: ['192.0.2.0/24'] })
  expect(made).toEqual({ status: 201, body: { username: 'sis', password: expect.stringMatching(/^[a-z2-9-]{35}$/) } })
  expect(await json('POST', at, { username: 'sis' })).toMatchObject({ status: 409 })
  expect((await json('GET', at)).body.items).toMatchObject([{ username: 'sis', permissions: 'upload' }])
  expect((await json('PATCH', `${at}/sis`, { permissions: 'full' })).body).toMatchObject({ permissions: 'full' })
  const renewed = await json('POST', `${at}/sis/password`)
  expect(renewed).toMatchObject({ status: 201, body: { username: 'sis' } })
  expect(renewed.body.password).not.toBe(made.body.password)
  expect(await json('DELETE', `${at}/sis`)).toMatchObject({ status: 204 })
  expect(await json('DELETE', `${at}/sis`)).toMatchObject({ status: 404 })
  const audit = JSON.stringify((await json('GET', '/api/audit')).body)
  for (const { password } of [made.body, renewed.body]) expect(audit).not.toContain(password)
})

for (const username of ['', 'a\r\nb', 'a b', '\u0000', 'x'.repeat(65)])
  test(`an FTP account cannot be called ${JSON.stringify(username.slice(0, 5))}`, async () => {
    expect((await json('POST', '/api/teams/admissions/ftp-accounts', { username })).status).toBe(422)
  })

test('the users of a team are replaced as a whole, and no Staff ID stands twice', async () => {
  const at = '/api/teams/admissions/users'
  const users = [{ staffId: 's77', name: 'Inga Berg', email: 'inga.berg@example.edu' }]
  expect(await json('PUT', at, [...users, { ...users[0], staffId: 'S77' }])).toMatchObject({
    status: 422,
    body: { errors: [{ path: '1.staffId' }] },
  })
  expect(await json('PUT', at, users)).toEqual({ status: 200, body: users })
  expect(await json('GET', at)).toEqual({ status: 200, body: users })
  expect(await json('PUT', at, [])).toEqual({ status: 200, body: [] })
})

test('runs come newest first, page by page', async () => {
  const first = (await json('GET', '/api/teams/admissions/runs?limit=2')).body
  expect(first.items.map((run: { number: number }) => run.number)).toEqual([3, 2])
  const second = (await json('GET', `/api/teams/admissions/runs?limit=2&before=${first.next}`)).body
  expect(second).toMatchObject({ items: [{ number: 1 }], next: null })
  expect((await json('GET', `/api/teams/admissions/runs?after=${first.next}`)).body).toEqual(second)
  expect((await json('GET', '/api/teams/admissions/runs?before=&limit=')).body).toMatchObject({
    items: [{ number: 3 }, { number: 2 }, { number: 1 }],
    next: null,
  })
})

test('a run holds its batches as the interface describes them', async () => {
  expect((await json('GET', `/api/runs/${history.run}`)).body).toEqual({
    id: history.run,
    number: 1,
    team: 'admissions',
    trigger: 'on_demand',
    window: null,
    state: 'imported_with_errors',
    waitsForRoom: false,
    requestedBy: OWNER.email,
    createdAt: '2026-11-22T15:00:00.000Z',
    startedAt: '2026-11-22T15:00:01.000Z',
    finishedAt: '2026-11-22T15:00:02.000Z',
    files: [],
    batches: [(await json('GET', `/api/batches/${history.batch}`)).body],
  })
  expect((await json('GET', `/api/batches/${history.batch}`)).body).toMatchObject({
    counts: { records: 4, created: 1, updated: 1, unchanged: 0, rejected: 2, superseded: 0, imported: 2 },
    warnings: {},
    problem: null,
    afterImport: { action: 'move', path: '/cadence/archive/Studenten-Überblick_2026-11-22.csv' },
    recap: null,
  })
})

test('the errors of a batch come by line, page by page', async () => {
  const at = `/api/batches/${history.batch}/errors`
  const first = (await json('GET', `${at}?limit=1`)).body
  expect(first).toMatchObject({ items: [{ line: 3, contactId: 'c3', values: ['c3', 'Ann'] }], next: '3' })
  expect(first).toMatchObject({ rejected: 2, kept: 2 })
  expect((await json('GET', `${at}?after=3`)).body).toMatchObject({ items: [{ line: 5 }], next: null })
})

test('the error file is saved under the name of the file, whatever characters that has', async () => {
  const response = await call('GET', `/api/batches/${history.batch}/errors.csv`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="Studenten-_berblick_errors.csv"; filename*=UTF-8''Studenten-%C3%9Cberblick_errors.csv`,
  )
  await response.text()
})

for (const id of ['x', '00000000-0000-4000-8000-000000000000', '%00'])
  test(`there is no run or batch ${id}`, async () => {
    expect((await json('GET', `/api/runs/${id}`)).status).toBe(404)
    expect((await json('GET', `/api/batches/${id}/errors.csv`)).status).toBe(404)
  })

test('contacts come by Contact ID, page by page, and one by one', async () => {
  const at = '/api/teams/admissions/contacts'
  const first = (await json('GET', `${at}?limit=2`)).body
  expect(first).toMatchObject({ items: [{ contactId: '1001' }, { contactId: '1002' }], next: '1002' })
  expect((await json('GET', `${at}?after=${first.next}`)).body).toMatchObject({ items: [{ contactId: 'A/1 %' }] })
  const one = await json('GET', `${at}/${encodeURIComponent('A/1 %')}`)
  expect(one.body).toMatchObject({ contactId: 'A/1 %', mobileDisplay: '1-716-555-0102', assignedTo: null })
  expect((await json('GET', `${at}/unknown`)).status).toBe(404)
  expect((await json('GET', `${at}?limit=0`)).status).toBe(422)
})

test("a person's own STOP is kept with its source, and the next import looks at the contact again", async () => {
  const optOut = { state: 'opted_out', source: 'contact' }
  const answer = await json('PATCH', '/api/teams/admissions/contacts/1001', { optOut })
  expect(answer).toMatchObject({ status: 200, body: { contactId: '1001', optOut } })
  const { record_hash: hash } = await db
    .selectFrom('contact')
    .select('record_hash')
    .where('contact_id', '=', '1001')
    .executeTakeFirstOrThrow()
  expect(hash).toBeNull()
  expect(await json('PATCH', '/api/teams/admissions/contacts/1001', { optOut })).toEqual(answer)
  expect((await json('GET', '/api/audit?limit=1')).body.items[0]).toMatchObject({
    action: 'contact.opt-out',
    subject: '1001',
    details: {},
  })
  const imported = { optOut: { state: 'opted_out', source: 'import' } }
  expect((await json('PATCH', '/api/teams/admissions/contacts/1001', imported)).status).toBe(422)
  expect((await json('PATCH', '/api/teams/admissions/contacts/unknown', { optOut })).status).toBe(404)
})

test('readiness names each part, and never why one fails', async () => {
  expect(await (await request('GET', '/healthz', {})).json()).toEqual({ status: 'alive' })
  const ready = await request('GET', '/readyz', {})
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ready', parts: { database: 'ready', disk: 'ready' } },
  ])
  databaseAnswers = false
  const unready = await request('GET', '/readyz', {})
  expect([unready.status, await unready.json()]).toEqual([
    503,
    { status: 'not ready', parts: { database: 'not ready', disk: 'ready' } },
  ])
})

test('a new team gets a root, and the files of a removed one are set aside', async () => {
  setAside.length = 0
  const dining = { team: 'dining', name: 'Dining', timeZone: 'UTC' }
  expect((await json('POST', '/api/teams', dining)).status).toBe(201)
  expect([madeRoots.at(-1), setAside]).toEqual(['dining', []])
  expect((await json('DELETE', '/api/teams/dining')).status).toBe(204)
  expect(setAside).toEqual(['dining'])
})
