import { beforeAll, expect, test } from 'vitest'
import { createTeam } from '../../../../store/teams.ts'
import { anyJson, OWNER, testWeb } from '../../../support/web.ts'

const web = testWeb()
const { db, app, clock, request, signIn, caller } = web
const ORIGIN = { origin: 'https://files.example.edu' }
const NEW_TEAM = { team: 'registrar', name: 'Registrar', timeZone: 'America/New_York' }

beforeAll(async () => {
  await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' })
})

test('the session cookie is bound to this host and to TLS, and out of reach of scripts', async () => {
  const response = await request('POST', '/api/session', {}, OWNER)
  expect(response.status).toBe(204)
  expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000')
  expect(response.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-rosterport=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
  ])
})

test('the database holds no session that could be used', async () => {
  const secret = (await signIn()).split('=')[1] ?? ''
  const { rows } = await db
    .selectFrom('session')
    .select('token_hash')
    .execute()
    .then((rows) => ({ rows: rows.map((row) => row.token_hash.toString('base64url')) }))
  expect(rows.length).toBeGreaterThan(0)
  expect(rows).not.toContain(secret)
})

const wrong = [
  { title: 'a wrong password', body: { ...OWNER, password: 'wrong' } },
  { title: 'an unknown account', body: { ...OWNER, email: 'nobody@example.edu' } },
]
for (const { title, body } of wrong)
  test(`${title} is answered by 401 that does not tell which of the two was wrong`, async () => {
    const response = await request('POST', '/api/session', {}, body)
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      status: 401,
      detail: 'Wrong e-mail address or password.',
    })
    expect(response.headers.getSetCookie()).toEqual([])
  })

const PUBLIC = [
  'GET /healthz',
  'GET /readyz',
  'GET /assets/:name',
  'GET /sign-in',
  'POST /sign-in',
  'POST /api/session',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/:file',
  'GET /invitation/:token',
  'POST /invitation',
  'POST /api/invitation',
]

test('without a session or a token every route is closed but those on the list', async () => {
  const routes = new Set(
    app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
  )
  expect(routes.size).toBeGreaterThan(30)
  for (const route of routes) {
    if (PUBLIC.includes(route)) continue
    const [method = '', path = ''] = route.split(' ')
    const response = await request(method, path.replace(/:\w+/g, 'admissions'), { accept: 'application/json' })
    expect([route, response.status]).toEqual([route, 401])
  }
})

const evasions = [
  '/api/teams/',
  '//api/teams',
  '/assets/..%2fapi%2fteams',
  '/healthz/..;/api/teams',
  '/API/teams',
  '/%61pi/teams',
]
for (const path of evasions)
  test(`${path} opens nothing either`, async () => {
    const response = await request('GET', path, { accept: 'application/json' })
    expect([401, 404]).toContain(response.status)
  })

test('a page without a session leads to the sign-in and back', async () => {
  const response = await request('GET', '/teams/admissions/imports?x=1', { accept: 'text/html' })
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe('/sign-in?to=%2Fteams%2Fadmissions%2Fimports%3Fx%3D1')
})

const origins = [
  { title: 'no Origin', headers: {}, status: 403 },
  { title: 'the Origin of another site', headers: { origin: 'https://evil.example' }, status: 403 },
  { title: 'an opaque Origin', headers: { origin: 'null' }, status: 403 },
  { title: 'our name without TLS', headers: { origin: 'http://files.example.edu' }, status: 403 },
  { title: 'the Origin of PUBLIC_URL', headers: ORIGIN, status: 201 },
]
for (const { title, headers, status } of origins)
  test(`a change with a session and ${title} is answered by ${status}`, async () => {
    const cookie = await signIn()
    expect((await request('POST', '/api/teams', { cookie, ...headers }, NEW_TEAM)).status).toBe(status)
  })

test('the sign-in from a page of another site is refused', async () => {
  expect((await request('POST', '/api/session', { origin: 'https://evil.example' }, OWNER)).status).toBe(403)
})

test('a token needs no Origin', async () => {
  const call = await caller(OWNER.email)
  expect((await call('POST', '/api/teams', { ...NEW_TEAM, team: 'by-token' })).status).toBe(201)
})

test('a wrong token is refused even beside a good cookie', async () => {
  const cookie = await signIn()
  expect((await request('GET', '/api/teams', { cookie, authorization: 'Bearer wrong' })).status).toBe(401)
})

test('a token that may only read changes nothing', async () => {
  const call = await caller(OWNER.email, null, 'read_only')
  expect((await call('GET', '/api/teams')).status).toBe(200)
  expect((await call('POST', '/api/teams', { ...NEW_TEAM, team: 'never' })).status).toBe(403)
})

test('each sign-in stands in the audit, with the person and the address', async () => {
  const cookie = await signIn()
  const { items } = await anyJson(await request('GET', '/api/audit?limit=1', { cookie }))
  expect(items).toMatchObject([
    { action: 'session.start', actor: OWNER.email, actorKind: 'administrator', address: '127.0.0.1' },
  ])
})

test('a session ends at once when its administrator signs out', async () => {
  const cookie = await signIn()
  expect((await request('GET', '/api/teams', { cookie })).status).toBe(200)
  const ended = await request('DELETE', '/api/session', { cookie, ...ORIGIN })
  expect([ended.status, ended.headers.get('clear-site-data')]).toEqual([204, '"cache", "storage"'])
  expect((await request('GET', '/api/teams', { cookie })).status).toBe(401)
})

test('a new sign-in ends the session that the browser had', async () => {
  const former = await signIn()
  expect((await request('POST', '/api/session', { cookie: former, ...ORIGIN }, OWNER)).status).toBe(204)
  expect((await request('GET', '/api/teams', { cookie: former })).status).toBe(401)
})

test('a session that was idle for 30 minutes has ended', async () => {
  const cookie = await signIn()
  pass(29)
  expect((await request('GET', '/api/teams', { cookie })).status).toBe(200)
  pass(29)
  expect((await request('GET', '/api/teams', { cookie })).status).toBe(200)
  pass(30)
  expect((await request('GET', '/api/teams', { cookie })).status).toBe(401)
})

const BY_ITSELF: [string, Record<string, string>][] = [
  ['/server-health', { accept: 'text/html' }],
  ['/teams/nobody/imports/live', { accept: 'text/event-stream' }],
  ['/api/runs/11111111-1111-4111-8111-111111111111/events', { accept: 'text/event-stream' }],
]
for (const [path, headers] of BY_ITSELF)
  test(`what an open page asks for by itself is no use of its session: ${path}`, async () => {
    const cookie = await signIn()
    pass(20)
    const asked = await request('GET', path, { cookie, ...headers })
    await asked.body?.cancel()
    expect([200, 404]).toContain(asked.status)
    pass(10)
    expect((await request('GET', '/api/teams', { cookie })).status).toBe(401)
  })

test('a session ends 12 hours after the sign-in, however busy', async () => {
  const cookie = await signIn()
  for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
    pass(20)
    expect((await request('GET', '/api/teams', { cookie })).status).toBe(200)
  }
  pass(20)
  expect((await request('GET', '/api/teams', { cookie })).status).toBe(401)
})

test('guessing is slowed down for one address and account, with the time left', async () => {
  pass(60)
  const guess = (email: string) => request('POST', '/api/session', {}, { email, password: 'guess' })
  for (let i = 0; i < 5; i++) expect((await guess('victim@example.edu')).status).toBe(401)
  const refused = await guess('victim@example.edu')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await guess('someone.else@example.edu')).status).toBe(401)
  await signIn()
})

function pass(minutes: number): void {
  clock.now = new Date(clock.now.getTime() + minutes * 60_000)
}
