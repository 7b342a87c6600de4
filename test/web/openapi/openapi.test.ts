import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { secretHash } from '../../../web/http/sessions/session-cookie.ts'
import { insertRun } from '../../support/history.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  example?: string
}
interface Described {
  security?: []
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { example: unknown }> }
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}
interface Document {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, object> }
}

const { db, app, request, signIn, caller } = testWeb()
let document: Document
let token: Awaited<ReturnType<typeof caller>>
const PERSON = 'be450000-0000-4000-8000-000000000001'
const REMOVED = 'be450000-0000-4000-8000-000000000002'
const SECRET = 'the-last-part-of-the-link'

beforeAll(async () => {
  token = await caller(OWNER.email)
  document = await anyJson(await request('GET', '/openapi.json', {}))
  const made = async (team: string) => {
    const row = await createTeam(db, { team, name: team, timeZone: 'UTC' })
    if (!row) throw new Error('the team was not made')
    return row.id
  }
  const team = await made('admissions')
  const bursar = await made('bursar')
  await made('former')
  const { version: _, ...body } = UNSAVED_SETTINGS
  const fields = { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null }
  await saveSettings(db, bursar, 0, { ...body, fields }, 'test')
  const { run, batch } = await insertRun(db, team, 1)
  // The ids of the examples.
  await db
    .updateTable('batch')
    .set({ run_id: (await insertRun(db, team, 2)).run, ordinal: 2 })
    .where('run_id', '=', run)
    .execute()
  await db.updateTable('run').set({ id: '40000000-0000-4000-8000-000000000001' }).where('id', '=', run).execute()
  await db.deleteFrom('record_error').where('batch_id', '=', batch).execute()
  await db.updateTable('batch').set({ id: 'ba7c0000-0000-4000-8000-000000000001' }).where('id', '=', batch).execute()
  const contact = { first_name: 'Ann', last_name: 'Lee', mobile_number: '+17165550101', staff_id: 's77' }
  await db
    .insertInto('contact')
    .values({ ...contact, team_id: team, contact_id: '1001', record_hash: null, last_batch_id: null })
    .execute()
  for (const username of ['admissions-sis', 'admissions-former'])
    await db
      .insertInto('ftp_account')
      .values({ username, team_id: team, password_hmac: null, last_login_at: null })
      .execute()
  for (const id of [PERSON, REMOVED])
    await db
      .insertInto('administrator')
      .values({ id, email: `${id}@example.edu`, role: 'admin', password_hash: null })
      .execute()
  const { id: owner } = await db
    .selectFrom('administrator')
    .select('id')
    .where('email', '=', OWNER.email)
    .executeTakeFirstOrThrow()
  const session = {
    address: null,
    user_agent: null,
    created_at: new Date('2026-11-22T15:00:00Z'),
    last_seen_at: new Date('2026-11-22T15:00:00Z'),
  }
  for (const [id, person] of [
    ['5e551015-0000-4000-8000-000000000001', owner],
    ['5e551015-0000-4000-8000-000000000002', PERSON],
  ] as const)
    await db
      .insertInto('session')
      .values({ ...session, id, token_hash: secretHash(id), administrator_id: person })
      .execute()
  await db
    .insertInto('api_token')
    .values({
      id: '70cec000-0000-4000-8000-000000000001',
      name: 'x',
      token_hash: secretHash('x'),
      team_id: null,
      administrator_id: owner,
    })
    .execute()
})

test('every request of the API that is served is described, with an answer that is good', () => {
  const served = app.routes
    .filter(({ method, path }) => method !== 'ALL' && (/^\/api\//.test(path) || path === '/run-import'))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect([...new Set(served)].filter((route) => !described.includes(route))).toEqual([])
  expect(described.length).toBeGreaterThan(55)
})

test('every pointer of the document leads somewhere', () => {
  const pointers = JSON.stringify(document).match(/#\/[\w/$]+/g) ?? []
  expect(pointers.length).toBeGreaterThan(50)
  for (const pointer of new Set(pointers)) {
    const [, components, schemas, name = ''] = pointer.split('/')
    expect([components, schemas, name in document.components.schemas]).toEqual(['components', 'schemas', true])
  }
})

/** What the answer must be, by the document alone. */
function schemaOf(described: Described, status: number, type: string) {
  const schema = described.responses[status]?.content?.[mediaType(type)]?.schema
  if (!schema) return null
  const whole = { ...schema, $defs: document.components.schemas }
  return z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')))
}

/** What an example is answered by that needs something to have gone before. */
const NOT_GOOD: Record<string, number> = {
  'PUT /api/second-factor': 409,
  'POST /api/recovery-codes': 409,
  'POST /api/teams/{team}/files/import': 409,
  'POST /api/teams/{team}/check': 404,
  'POST /api/batches/{id}/recap': 409,
  'POST /api/batches/{id}/approve': 409,
  'POST /api/batches/{id}/discard': 409,
  'POST /api/batches/{id}/map-and-import': 409,
  'POST /api/teams/{team}/proposals': 409,
  'POST /api/teams/{team}/test-webhook': 422,
}
/** What takes away what the others need. */
const LAST = [
  'DELETE /api/people/{id}/sessions',
  'DELETE /api/sessions',
  'POST /api/invitation',
  'DELETE /api/second-factor',
  'PUT /api/password',
  'DELETE /api/session',
]

test('no request of a program is ever sent to a page: without a session or with a wrong token it is 401', async () => {
  const closed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]) =>
      described.security ? [] : [{ method: method.toUpperCase(), path: addressOf(path, described) }],
    ),
  )
  expect(closed.length).toBeGreaterThan(50)
  const asked = [
    ...closed,
    { method: 'GET', path: '/run-import' },
    { method: 'GET', path: '/api' },
    { method: 'HEAD', path: '/metrics' },
  ]
  for (const { method, path } of asked)
    for (const headers of [{ accept: '*/*' }, { accept: '*/*', authorization: 'Bearer wrong' }]) {
      const { status, headers: told } = await request(method, path, headers)
      expect([status, told.get('content-type')], `${method} ${path}`).toEqual([401, 'application/problem+json'])
    }
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/metrics'])
    expect((await request('GET', path, { accept: 'text/html' })).status, path).toBe(path === '/metrics' ? 401 : 200)
})

test('every example is answered as the document says', async () => {
  const cookie = await signIn()
  const bySession = (method: string, path: string, body?: unknown) =>
    request(method, path, { cookie, origin: 'https://files.example.edu' }, body)
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method,
      path,
      described,
    })),
  )
  const order = ({ name, method }: { name: string; method: string }) =>
    LAST.includes(name) ? 10 + LAST.indexOf(name) : ['get', 'put', 'patch', 'post', 'delete'].indexOf(method)
  for (const { name, method, path, described } of operations.toSorted((a, b) => order(a) - order(b))) {
    if (name === 'POST /api/invitation') await insertInvitation()
    const [media] = Object.values(described.requestBody?.content ?? {})
    const ofPerson = /^\/api\/(sessions?|password|second-factor|recovery-codes|tokens|people|installation)/.test(path)
    const call = described.security ? openly : ofPerson ? bySession : token
    const response = await call(method.toUpperCase(), addressOf(path, described), media?.example)
    const text = await response.text()
    const told = `${name} ${response.status} ${text.slice(0, 300)}`
    if (NOT_GOOD[name]) expect(response.status, told).toBe(NOT_GOOD[name])
    else expect([200, 201, 202, 204], told).toContain(response.status)
    const answers = described.responses[response.status]
    expect(answers, told).toBeDefined()
    const type = response.headers.get('content-type') ?? ''
    if (/json/.test(type))
      expect(schemaOf(described, response.status, type)?.safeParse(JSON.parse(text)).error, told).toBeUndefined()
    expect(Object.keys(answers?.content ?? {}).map(mediaType), told).toEqual(type === '' ? [] : [mediaType(type)])
  }
})

function addressOf(path: string, { parameters = [] }: Described): string {
  let at = path
  const query = new URLSearchParams()
  for (const { in: place, name, example } of parameters) {
    if (place === 'path') at = at.replace(`{${name}}`, encodeURIComponent(example ?? 'no example'))
    else if (example !== undefined) query.set(name, example)
  }
  return query.size > 0 ? `${at}?${query}` : at
}

function mediaType(type: string): string {
  return type.split(';')[0] ?? ''
}

const openly = (method: string, path: string, body?: unknown) => request(method, path, {}, body)

async function insertInvitation() {
  const expires_at = new Date('2026-11-23T15:00:00Z')
  await db
    .insertInto('invitation')
    .values({ administrator_id: PERSON, token_hash: secretHash(SECRET), expires_at })
    .onConflict((conflict) =>
      conflict.column('administrator_id').doUpdateSet({ token_hash: secretHash(SECRET), expires_at }),
    )
    .execute()
}

test('the page of the API loads nothing from elsewhere and runs nothing inline', async () => {
  const page = await request('GET', '/docs', {})
  const html = await page.text()
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, at = '']) => at)
  expect(loaded).toHaveLength(3)
  for (const at of loaded) expect([at, (await request('GET', at, {})).status]).toEqual([at, 200])
  expect(html).not.toMatch(/<script>|<style|https?:\/\//)
  expect((await request('GET', '/docs/package.json', {})).status).toBe(404)
})
