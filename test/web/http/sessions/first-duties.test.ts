import { beforeEach, expect, test } from 'vitest'
import { firstOwner } from '../../../../store/people/administrators.ts'
import { invitationLink } from '../../../../web/sign-in/invitation-link.ts'
import { anyJson, OWNER, testWeb } from '../../../support/web.ts'

const { db, app, request, signIn, formToken } = testWeb()
const ORIGIN = { origin: 'https://files.example.edu' }
const OWN_PASSWORD = 'four unlike words here'
const FORM = { ...ORIGIN, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
let cookie: string
let hash: string | null = null

/** As after a start that printed the password. */
beforeEach(async () => {
  hash ??= (await db.selectFrom('administrator').select('password_hash').executeTakeFirstOrThrow()).password_hash
  await db.updateTable('administrator').set({ password_hash: hash, must_change_password: true }).execute()
  cookie = await signIn()
})

const call = (method: string, path: string, body?: unknown) => request(method, path, { cookie, ...ORIGIN }, body)
const page = (path: string) => request('GET', path, { cookie, accept: 'text/html' })
const form = (fields: Record<string, string>) =>
  request(
    'POST',
    '/account',
    { ...FORM, cookie },
    new URLSearchParams({ formToken: formToken(cookie), ...fields }).toString(),
  )

/** All that the session of a printed password does. */
const REACHED = ['GET /api/session', 'DELETE /api/session', 'PUT /api/password']

test('before the printed password is changed no operation of the API does anything, and each refusal says what to do', async () => {
  const { paths } = await anyJson(await request('GET', '/openapi.json', {}))
  const walked: string[] = []
  for (const [path, methods] of Object.entries<Record<string, { security?: [] }>>(paths))
    for (const [method, { security }] of Object.entries(methods)) {
      const operation = `${method.toUpperCase()} ${path}`
      if (security || REACHED.includes(operation)) continue
      const address = path.replace(/\{\w+\}/g, '40000000-0000-4000-8000-000000000001')
      const response = await request(
        method.toUpperCase(),
        address,
        { cookie, ...ORIGIN, accept: 'application/json' },
        method === 'get' ? undefined : {},
      )
      const type = response.headers.get('content-type')
      expect([operation, response.status, type]).toEqual([operation, 403, 'application/problem+json'])
      expect((await anyJson(response)).detail).toMatch(/^Choose a password of your own first: .*PUT \/api\/password/)
      walked.push(operation)
    }
  expect(walked.length).toBeGreaterThan(60)
  expect(walked).toContain('POST /api/tokens')
  expect(await db.selectFrom('api_token').select('id').execute()).toEqual([])
  expect(await anyJson(await call('GET', '/api/session'))).toMatchObject({ mustChangePassword: true })
})

test('before the printed password is changed every page leads to the form, and every form but that is refused', async () => {
  const open = /^\/(healthz|readyz|assets|sign-in|openapi\.json|docs|invitation|account)/
  const routes = [
    ...new Set(
      app.routes
        .filter(({ path }) => !path.startsWith('/api/') && !open.test(path) && !path.includes('*'))
        .filter(({ method }) => method === 'GET' || method === 'POST')
        .map(({ method, path }) => `${method} ${path}`),
    ),
  ].filter((route) => route !== 'POST /sign-out')
  expect(routes.length).toBeGreaterThan(30)
  for (const route of routes) {
    const [method = '', pattern = ''] = route.split(' ')
    const path = pattern.replace(/:(\w+)(\{[^}]*\})?/g, 'x')
    const response = method === 'GET' ? await page(path) : await request('POST', path, { ...FORM, cookie }, 'x=y')
    const answer = [route, response.status, response.headers.get('location')]
    // Programs read the metrics: they are never led to a form.
    const isPage = method === 'GET' && path !== '/metrics'
    expect(answer).toEqual(isPage ? [route, 303, '/account'] : [route, 403, null])
  }
  for (const act of ['begin', 'confirm', 'off', 'codes', 'prove', 'end', 'end-all'])
    expect([act, (await form({ act, own: OWNER.password, proof: OWNER.password })).status]).toEqual([act, 403])
})

test('the form takes another password, held to the rules, and then all is open', async () => {
  const html = await (await page('/account')).text()
  expect(html).toContain('Choose a password of your own first.')
  expect(html).not.toContain('Second factor')
  const choose = (password: string) => form({ act: 'password', current: OWNER.password, password })
  expect(await (await choose('password1234')).text()).toContain('This password is easy to guess.')
  expect(await (await choose(OWNER.password)).text()).toContain('This is your present password.')
  expect((await page('/teams')).status).toBe(303)
  const chosen = await choose(OWN_PASSWORD)
  expect([chosen.status, chosen.headers.get('location')]).toEqual([303, '/?done=password-changed'])
  expect((await page('/teams')).status).toBe(200)
  expect((await call('POST', '/api/tokens', { name: 'SIS job' })).status).toBe(201)
})

test('a program changes the printed password by the API, and signs out without', async () => {
  expect((await call('PUT', '/api/password', { current: OWNER.password, password: OWNER.password })).status).toBe(422)
  expect((await call('PUT', '/api/password', { current: OWNER.password, password: OWN_PASSWORD })).status).toBe(204)
  expect(await anyJson(await call('GET', '/api/session'))).toMatchObject({ mustChangePassword: false })
  expect((await call('GET', '/api/teams')).status).toBe(200)
  await db.updateTable('administrator').set({ password_hash: hash, must_change_password: true }).execute()
  cookie = await signIn()
  expect((await call('DELETE', '/api/session')).status).toBe(204)
  expect((await call('GET', '/api/session')).status).toBe(401)
})

test('a link by which somebody chooses a password ends the need to change it', async () => {
  const owner = await firstOwner(db)
  const until = new Date('2026-11-23T15:00:00Z')
  const link = await invitationLink(db, owner.id, until, new URL('https://files.example.edu'))
  const accepted = { token: link.split('/').at(-1), password: OWN_PASSWORD }
  expect((await request('POST', '/api/invitation', {}, accepted)).status).toBe(204)
  expect((await call('GET', '/api/session')).status).toBe(401)
  const entered = await request('POST', '/api/session', {}, { email: OWNER.email, password: OWN_PASSWORD })
  cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  expect((await call('GET', '/api/teams')).status).toBe(200)
})
