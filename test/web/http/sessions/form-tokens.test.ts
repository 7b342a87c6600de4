import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { saveSettings } from '../../../../store/settings.ts'
import { createTeam } from '../../../../store/teams.ts'
import { isSameToken } from '../../../../web/http/sessions/form-tokens.ts'
import { SETTINGS } from '../../../support/service.ts'
import { anyJson, OWNER, testWeb } from '../../../support/web.ts'

const { db, importer, request, signIn, formToken, caller } = testWeb()
const ORIGIN = { origin: 'https://files.example.edu' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...ORIGIN }

beforeAll(async () => {
  const team = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' })
  if (team) await saveSettings(db, team.id, 0, SETTINGS, OWNER.email)
})

const tries: {
  title: string
  fields?: (own: string, other: string) => Record<string, string>
  headers?: (own: string) => Record<string, string>
  status: number
}[] = [
  { title: 'without a token', status: 403 },
  { title: 'with an empty token', fields: () => ({ formToken: '' }), status: 403 },
  { title: 'with the token of another session', fields: (_, other) => ({ formToken: other }), status: 403 },
  { title: 'with its token in the hidden field', fields: (own) => ({ formToken: own }), status: 303 },
  { title: 'with its token in the header', headers: (own) => ({ 'x-form-token': own }), status: 303 },
  {
    title: 'with its token but the Origin of another site',
    fields: (own) => ({ formToken: own }),
    headers: () => ({ origin: 'https://evil.example' }),
    status: 403,
  },
]
for (const { title, fields, headers, status } of tries)
  test(`a form of a session ${title} is answered by ${status}`, async () => {
    const cookie = await signIn()
    const own = formToken(cookie)
    const body = new URLSearchParams({ theme: 'dark', ...fields?.(own, formToken(await signIn())) }).toString()
    const response = await request('POST', '/theme', { ...FORM, cookie, ...headers?.(own) }, body)
    expect(response.status).toBe(status)
  })

test('a form that was sent to the API of a session needs the token as well', async () => {
  const cookie = await signIn()
  const send = (path: string, body: string) => request('POST', path, { ...FORM, cookie }, body)
  expect((await send('/run-import', 'team=admissions')).status).toBe(403)
  expect((await send('/api/teams', 'team=evil')).status).toBe(403)
  expect(importer.started).toEqual([])
})

test('a program that names no media type may send JSON to Run Import', async () => {
  const asCurlDoes = { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' }
  const call = await caller(OWNER.email)
  const answer = await call('POST', '/run-import', '{"team":"admissions"}', asCurlDoes)
  expect([answer.status, await anyJson(answer)]).toEqual([202, { runId: expect.any(String) }])
  const cookie = await signIn()
  const bySession = (headers: object) =>
    request('POST', '/run-import', { ...asCurlDoes, cookie, ...headers }, '{"team":"admissions"}')
  expect((await bySession(ORIGIN)).status).toBe(202)
  expect((await bySession({})).status).toBe(403)
  expect((await call('POST', '/run-import', '{"team":', asCurlDoes)).status).toBe(400)
})

const PAGES = ['/account', '/teams', '/people', '/settings']
const OF_TEAM = ['imports', 'configure', 'manual-import', 'contacts', 'users', 'ftp-accounts', 'activity', 'settings']

test('every form on every page that changes something holds the token of the session', async () => {
  const cookie = await signIn()
  const tokenIn = (form: string) => /<input type="hidden" name="formToken" value="([^"]*)"\/>/.exec(form)?.[1] ?? ''
  for (const path of [...PAGES, ...OF_TEAM.map((page) => `/teams/admissions/${page}`)]) {
    const html = await (await request('GET', path, { cookie, accept: 'text/html' })).text()
    const forms = html.match(/<form method="post"[^>]*>.{0,200}/gs) ?? []
    expect(forms.length, path).toBeGreaterThan(0)
    for (const form of forms) expect([path, isSameToken(tokenIn(form), formToken(cookie))]).toEqual([path, true])
  }
})

test('the pages are made with the one form that holds the token, but those before the sign-in', () => {
  const pages = join(import.meta.dirname, '../../../../web')
  const own = globSync('**/*.tsx', { cwd: pages }).filter((page) =>
    readFileSync(join(pages, page), 'utf8').includes('method="post"'),
  )
  expect(own.toSorted()).toEqual(['ui/components/form.tsx', 'ui/components/gate.tsx'])
})
