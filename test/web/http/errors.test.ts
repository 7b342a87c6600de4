import { expect, test } from 'vitest'
import { RootProblem } from '../../../files/team-root.ts'
import { createLog } from '../../../log.ts'
import { openDatabase } from '../../../store/postgres/database.ts'
import { openWall } from '../../../store/postgres/row-security.ts'
import { OWNER, testWeb } from '../../support/web.ts'

const lines: { level: string; reference?: string; msg: string; err?: { message: string } }[] = []
const log = createLog('warn', { write: (line) => void lines.push(JSON.parse(line)) })
const away = openDatabase({ socketFolder: '/nowhere/at/all', database: 'none', password: 'none' }, log)
const broken = testWeb({
  log,
  makeRoot: async () => {
    throw new Error('secret detail', { cause: new Error('the root of it') })
  },
})
const strange = testWeb({
  fileAreaOf: () => {
    throw new RootProblem('/var/lib/teams/admissions belongs to another team')
  },
})
const unreachable = testWeb({ wall: openWall(away), log })

test('what nobody expected is shown as a reference, and logged under it with its cause', async () => {
  const call = await broken.caller(OWNER.email)
  const response = await call('POST', '/api/teams', { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  const text = await response.text()
  expect(response.status).toBe(500)
  expect(text).not.toContain('secret detail')
  const logged = lines.find((line) => line.msg === 'request failed')
  expect(logged?.err?.message).toBe('secret detail: the root of it')
  expect(text).toContain(logged?.reference ?? 'no reference')
  expect((await call('GET', '/api/teams/admissions')).status).toBe(404)
})

test('a folder that belongs to another team is explained without its place', async () => {
  const call = await strange.caller(OWNER.email)
  await call('POST', '/api/teams', { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  const response = await call('GET', '/api/teams/admissions/files')
  expect([response.status, await response.json()]).toMatchObject([
    503,
    { detail: 'The folder of this team belongs to another team. The server log says what to do.' },
  ])
})

test('when the database is out of reach a sentence says so, for programs and for people', async () => {
  const authorization = 'Bearer x'
  const api = await unreachable.request('GET', '/api/teams', { authorization })
  expect(api.status).toBe(503)
  expect(api.headers.get('retry-after')).toBe('5')
  expect(await api.json()).toMatchObject({ detail: expect.stringMatching(/^The database cannot be reached/) })
  const page = await unreachable.request('GET', '/', { authorization, accept: 'text/html' })
  expect(page.status).toBe(503)
  const html = await page.text()
  expect(html).toContain('The database cannot be reached')
  expect(html).not.toContain('/nowhere/at/all')
  expect(html).toMatch(/<noscript><meta http-equiv="refresh" content="5"\/?><\/noscript>/)
  const form = await unreachable.request('POST', '/run-import', { authorization, accept: 'text/html' }, { team: 'x' })
  expect(await form.text()).not.toMatch(/http-equiv="refresh"|data-retry/)
  const signIn = await unreachable.request('POST', '/api/session', {}, OWNER)
  expect(signIn.status).toBe(503)
})
