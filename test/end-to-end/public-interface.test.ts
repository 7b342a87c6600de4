import { expect, test } from 'vitest'
import { createLog } from '../../log.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import type { Run } from '../../model/run.ts'
import { importDate, testService } from '../support/service.ts'

const logged: string[] = []
const service = testService({}, createLog('debug', { write: (line) => void logged.push(line) }))

const WHEN = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const ID = expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)
const NOWHERE = 'ffffffff-ffff-4fff-bfff-ffffffffffff'

const SETTINGS = {
  file: {
    path: '/cadence/imports',
    namePrefix: 'StudentData',
    select: 'most_recent',
    delimiter: 'comma',
    encoding: 'auto',
    afterImport: { action: 'move', path: '/cadence/archive' },
  },
  schedule: { ...forEachWindow(false), overnight: true },
  notificationEmails: 'registrar@example.edu, it@example.edu',
  notifyOn: 'always',
  fields: {
    contactId: 'Student ID',
    firstName: 'First',
    lastName: 'Last',
    mobileNumber: 'Cell',
    staffId: 'Advisor',
  },
  optOut: { column: 'SMS Opt Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  additionalFields: [{ name: 'Major', column: 'MAJR_DESC', required: false, mergeable: true, visibleToUser: true }],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}

const FILE = [
  'Student ID,First,Last,Cell,Advisor,SMS Opt Out,MAJR_DESC',
  'P-900417,Zebulon,Quackenbush,716-555-0101,s77,N,Biology',
  'P-900418,Bo,Ray,12 Zebulon,,N,History',
  'P-900419,Cy,Ray,(716) 555-0103,,Y,History',
  'P-900419,Cy,Rays,(716) 555-0103,,Y,History',
  '',
].join('\r\n')

let token = ''
let run: Run
const passwords: string[] = []

/** As a program calls: JSON with the token that the first test made. */
async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`http://${service.running().addresses.http}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, headers: response.headers, type, body: /json/.test(type) ? JSON.parse(text) : text }
}

const problem = (status: number) => ({
  status,
  type: 'application/problem+json',
  body: expect.objectContaining({ type: 'about:blank', title: expect.any(String), status, detail: expect.any(String) }),
})

test('a session signs in, makes a token with its Origin, and signs out', async () => {
  const credentials = { email: 'admin@localhost', password: 'correct horse battery' }
  expect(await call('GET', '/api/teams')).toMatchObject(problem(401))
  expect(await call('POST', '/api/session', { ...credentials, password: 'wrong' })).toMatchObject(problem(401))
  const signedIn = await call('POST', '/api/session', credentials)
  expect(signedIn).toMatchObject({ status: 204, body: '' })
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const origin = `http://${service.running().addresses.http}`
  expect(await call('POST', '/api/tokens', { name: 'SIS job' }, { cookie })).toMatchObject(problem(403))
  const made = await call('POST', '/api/tokens', { name: 'SIS job' }, { cookie, origin })
  expect(made).toMatchObject({ status: 201, body: { id: ID, name: 'SIS job', token: expect.any(String) } })
  expect((await call('DELETE', '/api/session', undefined, { cookie, origin })).status).toBe(204)
  expect(await call('GET', '/api/teams', undefined, { cookie })).toMatchObject(problem(401))
  token = made.body.token
  passwords.push(token, credentials.password)
})

test('a team is made, read, changed and removed by its slug', async () => {
  const team = { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' }
  expect(await call('POST', '/api/teams', team)).toMatchObject({ status: 201, body: team })
  expect(await call('POST', '/api/teams', team)).toMatchObject(problem(409))
  const wrong = await call('POST', '/api/teams', { team: 'Not a slug', name: '', timeZone: 'Mars' })
  expect(wrong).toMatchObject(problem(422))
  expect(wrong.body.errors).toMatchObject([{ path: 'team' }, { path: 'name' }, { path: 'timeZone' }])
  const change = { name: 'Admission', timeZone: 'UTC', quotaBytes: 5e9, quotaFiles: 500, ftpStrictClose: false }
  expect(await call('PATCH', '/api/teams/admissions', change)).toMatchObject({ status: 200, body: change })
  expect((await call('PATCH', '/api/teams/admissions', team)).status).toBe(422)
  const { team: _, ...back } = team
  await call('PATCH', '/api/teams/admissions', { ...back, ftpStrictClose: true })
  expect((await call('GET', '/api/teams')).body).toMatchObject({ items: [team], next: null })
  await call('POST', '/api/teams', { ...team, team: 'former' })
  expect((await call('DELETE', '/api/teams/former')).status).toBe(204)
  expect(await call('GET', '/api/teams/former')).toMatchObject(problem(404))
})

test('nothing runs before the fields are mapped; settings are saved at the version they were read at', async () => {
  const path = '/api/teams/admissions/import-settings'
  expect(await call('POST', '/run-import', { team: 'admissions' })).toMatchObject(problem(422))
  const { version } = (await call('GET', path)).body
  const saved = await call('PUT', path, { version, ...SETTINGS })
  expect(saved).toMatchObject({ status: 200, body: { version: version + 1, ...SETTINGS } })
  expect((await call('GET', path)).body).toEqual(saved.body)
  expect(await call('PUT', path, { version, ...SETTINGS })).toMatchObject(problem(409))
  const bare = {
    ...SETTINGS,
    fields: { ...SETTINGS.fields, staffId: null },
    optOut: null,
    file: { ...SETTINGS.file, select: 'all_matching', delimiter: 'tab', afterImport: { action: 'delete' } },
  }
  expect((await call('PUT', path, { version: 1, ...bare })).body).toMatchObject({ version: 2, ...bare })
  expect((await call('PUT', path, { version: 2, ...SETTINGS })).status).toBe(200)
  const wrong = { ...SETTINGS, version: 3, file: { ...SETTINGS.file, namePrefix: 'a/b' }, notifyOn: 'never' }
  const refused = await call('PUT', path, wrong)
  expect(refused).toMatchObject(problem(422))
  expect(refused.body.errors.map((fault: { path: string }) => fault.path)).toEqual(['file.namePrefix', 'notifyOn'])
})

test('FTP accounts and users are kept', async () => {
  const path = '/api/teams/admissions/ftp-accounts'
  const made = await call('POST', path, { username: 'admissions-sis' })
  expect(made).toMatchObject({ status: 201, body: { username: 'admissions-sis', password: expect.any(String) } })
  const more = { username: 'other', publicKeys: [], allowedAddresses: ['192.0.2.0/24'], permissions: 'full' }
  expect((await call('POST', path, more)).status).toBe(201)
  expect((await call('GET', path)).body).toMatchObject({ items: [{ username: 'admissions-sis' }, more], next: null })
  expect((await call('PATCH', `${path}/other`, { permissions: 'upload' })).body).toMatchObject({
    permissions: 'upload',
  })
  expect((await call('DELETE', `${path}/other`)).status).toBe(204)
  const renewed = await call('POST', `${path}/admissions-sis/password`)
  expect(renewed).toMatchObject({ status: 201, body: { username: 'admissions-sis', password: expect.any(String) } })
  passwords.push(made.body.password, renewed.body.password)
  const users = [{ staffId: 's77', name: 'Wilhelmina Oakes', email: 'oakes@example.edu' }]
  expect(await call('PUT', '/api/teams/admissions/users', users)).toMatchObject({ status: 200, body: users })
  expect((await call('GET', '/api/teams/admissions/users')).body).toEqual(users)
})

test('an uploaded file is seen, checked and imported, and the run is as it is described', async () => {
  const path = '/cadence/imports/StudentData.csv'
  const upload = (content: string) => service.uploadAs('admissions-sis', passwords.at(-1) ?? '', path, content)
  expect(await upload(FILE)).toBe(
    '226 Transfer complete. StudentData.csv will be imported in the next window, 3-5 AM (America/New_York).',
  )
  const { items, next } = (await call('GET', '/api/teams/admissions/files')).body
  expect([items, next]).toEqual([[expect.objectContaining({ path, reason: expect.any(String) })], null])
  expect((await call('POST', '/api/teams/admissions/check', { path })).status).toBe(200)
  const started = await call('POST', '/run-import', { team: 'admissions' })
  expect([started.status, started.body]).toEqual([202, { runId: ID }])
  const events = await call('GET', `/api/runs/${started.body.runId}/events`)
  expect(events.type).toContain('text/event-stream')
  const names = [...events.body.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name)
  expect(names.at(-1)).toBe('finished')
  for (const name of names) expect(['progress', 'batch', 'finished']).toContain(name)
  run = (await call('GET', `/api/runs/${started.body.runId}`)).body
  expect(run).toMatchObject({
    id: started.body.runId,
    number: 1,
    team: 'admissions',
    trigger: 'on_demand',
    window: null,
    state: 'imported_with_errors',
    requestedBy: 'admin@localhost',
    createdAt: WHEN,
    startedAt: WHEN,
    finishedAt: WHEN,
    files: [{ path, verdict: expect.any(String), reason: expect.any(String) }],
    batches: [
      {
        id: ID,
        state: 'imported_with_errors',
        path,
        fileName: 'StudentData.csv',
        bytes: FILE.length,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        receivedAt: WHEN,
        settingsVersion: 3,
        counts: {
          records: 4,
          created: 2,
          updated: 0,
          unchanged: 0,
          rejected: 1,
          superseded: 1,
          imported: 2,
          optedOut: 1,
          optedIn: 0,
        },
        warnings: { W_DUPLICATE_CONTACT_ID: 1 },
        problem: null,
        afterImport: { action: 'move', path: `/cadence/archive/StudentData_${importDate(run)}.csv` },
        recap: { state: expect.any(String), attempts: expect.any(Number) },
      },
    ],
  })
})

test('runs are listed from before a number; a batch has its errors, its error file and its recap', async () => {
  const list = '/api/teams/admissions/runs'
  expect((await call('GET', `${list}?limit=1`)).body).toEqual({ items: [run], next: null })
  expect((await call('GET', `${list}?before=1&limit=5`)).body).toEqual({ items: [], next: null })
  const [batch] = run.batches
  const at = `/api/batches/${batch?.id}`
  expect((await call('GET', at)).body).toMatchObject({ id: batch?.id, counts: batch?.counts })
  expect((await call('GET', `${at}/errors?limit=5`)).body).toEqual({
    items: [
      {
        line: 3,
        contactId: 'P-900418',
        errors: [{ code: 'E_MOBILE_INVALID', field: 'Mobile Number', message: expect.any(String) }],
        values: ['P-900418', 'Bo', 'Ray', '12 Zebulon', '', 'N', 'History'],
      },
    ],
    next: null,
    rejected: 1,
    kept: 1,
  })
  expect((await call('GET', `${at}/errors?after=3`)).body).toEqual({ items: [], next: null, rejected: 1, kept: 1 })
  expect(await call('GET', `${at}/errors.csv`)).toMatchObject({
    status: 200,
    body: expect.stringContaining('P-900418'),
  })
  const recap = await call('GET', `${at}/recap`)
  expect([recap.status, recap.type]).toEqual([200, 'message/rfc822'])
  for (const act of ['approve', 'discard']) expect(await call('POST', `${at}/${act}`)).toMatchObject(problem(409))
  expect(await call('POST', `/api/runs/${run.id}/abort`)).toMatchObject(problem(409))
})

test('contacts are found, downloaded, and opted out by the messaging system', async () => {
  const path = '/api/teams/admissions/contacts'
  const contact = {
    contactId: 'P-900417',
    firstName: 'Zebulon',
    lastName: 'Quackenbush',
    mobileNumber: '+17165550101',
    mobileDisplay: '1-716-555-0101',
    staffId: 's77',
    assignedTo: { staffId: 's77', name: 'Wilhelmina Oakes', email: 'oakes@example.edu' },
    optOut: { state: 'opted_in', source: expect.any(String), changedAt: WHEN },
    customFields: { Major: 'Biology' },
    createdAt: WHEN,
    updatedAt: WHEN,
    lastBatchId: run.batches[0]?.id,
  }
  const first = (await call('GET', `${path}?limit=1`)).body
  expect(first).toEqual({ items: [contact], next: 'P-900417' })
  expect((await call('GET', `${path}?after=${first.next}`)).body).toMatchObject({
    items: [{ contactId: 'P-900419', assignedTo: null, optOut: { state: 'opted_out' } }],
    next: null,
  })
  expect((await call('GET', `${path}?search=quack`)).body.items).toEqual([contact])
  expect((await call('GET', `${path}/P-900417`)).body).toMatchObject(contact)
  const optOut = { state: 'opted_out', source: 'contact' }
  const changed = await call('PATCH', `${path}/P-900417`, { optOut })
  expect([changed.status, changed.body]).toEqual([200, { ...contact, optOut: { ...optOut, changedAt: WHEN } }])
  expect(await call('PATCH', `${path}/nobody`, { optOut })).toMatchObject(problem(404))
  const csv = await call('GET', `${path}.csv`)
  expect([csv.status, csv.type]).toEqual([200, 'text/csv; charset=utf-8'])
  expect(csv.body).toContain('Zebulon')
})

test('a file is given by hand as the raw body, and the audit tells who did what from where', async () => {
  const answer = await call('PUT', '/api/teams/admissions/manual-import?fileName=by-hand.csv', FILE, {
    'content-type': 'text/csv',
  })
  expect([answer.status, answer.body]).toEqual([202, { runId: ID }])
  expect(await service.finishedRun(answer.body.runId)).toMatchObject({ trigger: 'manual' })
  const { items, next } = (await call('GET', '/api/audit?team=admissions')).body
  expect(next).toBeNull()
  expect(items.at(-1)).toMatchObject({ action: 'team.create', team: 'admissions', actor: 'SIS job (admin@localhost)' })
  expect((await call('GET', `/api/audit?team=admissions&after=${items.at(-2).id}`)).body.items).toEqual([items.at(-1)])
})

test('a token of one team, or of reading alone, is held to that', async () => {
  await call('POST', '/api/teams', { team: 'bursar', name: 'Bursar', timeZone: 'UTC' })
  const signedIn = await call('POST', '/api/session', { email: 'admin@localhost', password: 'correct horse battery' })
  const session = {
    authorization: '',
    cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '',
    origin: `http://${service.running().addresses.http}`,
  }
  expect(await call('POST', '/api/tokens', { name: 'child' })).toMatchObject(problem(403))
  const { token: own, id } = (await call('POST', '/api/tokens', { name: 'bursar', team: 'bursar' }, session)).body
  const bound = { authorization: `Bearer ${own}` }
  expect((await call('GET', '/api/teams', undefined, bound)).body.items).toMatchObject([{ team: 'bursar' }])
  for (const path of ['/api/teams/admissions', `/api/runs/${run.id}`, `/api/batches/${run.batches[0]?.id}`])
    expect(await call('GET', path, undefined, bound)).toMatchObject(problem(404))
  expect(await call('POST', '/run-import', { team: 'admissions' }, bound)).toMatchObject(problem(404))
  const tokens = (await call('GET', '/api/tokens')).body.items
  expect(tokens.slice(-2)).toMatchObject([{ name: 'SIS job' }, { id, name: 'bursar', team: 'bursar' }])
  expect((await call('DELETE', `/api/tokens/${id}`)).status).toBe(204)
  expect(await call('GET', '/api/teams', undefined, bound)).toMatchObject(problem(401))
  const reading = (await call('POST', '/api/tokens', { name: 'reading', access: 'read_only' }, session)).body
  const readOnly = { authorization: `Bearer ${reading.token}` }
  expect((await call('GET', '/api/teams', undefined, readOnly)).status).toBe(200)
  expect(await call('POST', '/run-import', { team: 'admissions' }, readOnly)).toMatchObject(problem(403))
  passwords.push(own, reading.token)
})

test('what is not there is 404, and the documents and figures of the service are where they should be', async () => {
  for (const path of [`/api/runs/${NOWHERE}`, `/api/batches/${NOWHERE}`, '/api/teams/nowhere', '/api/runs/x'])
    expect(await call('GET', path)).toMatchObject(problem(404))
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs'])
    expect([path, (await call('GET', path)).status]).toEqual([path, 200])
  token = ''
  const page = await call('GET', '/teams/admissions/imports', undefined, { accept: 'text/html' })
  expect([page.status, page.headers.get('location')]).toEqual([303, '/sign-in?to=%2Fteams%2Fadmissions%2Fimports'])
})

test('nothing that was logged on the way holds a name, a number or a secret', () => {
  expect(logged.length).toBeGreaterThan(50)
  const told = logged.join('')
  const people = ['Zebulon', 'Quackenbush', 'Rays', 'P-90041', '5550101', '555-010', '55501', 'Wilhelmina', 'oakes@']
  for (const text of [...people, ...passwords]) expect(told.includes(text), `the log holds ${text}`).toBe(false)
})
