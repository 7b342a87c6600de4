import { expect, test } from 'vitest'
import { TEST_SECRET } from '../../support/database.ts'
import { insertRun } from '../../support/history.ts'
import { insertContact } from '../../support/teams.ts'
import { anyJson, testWeb } from '../../support/web.ts'
import { fillExample } from '../pages/example.ts'

const { db, app, clock, request, signIn, asOwner } = testWeb()

/** Nothing of a page: they lead elsewhere, answer a file or never end. */
const NO_PAGES = [
  '/assets/:name',
  '/docs/:file',
  '/metrics',
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/go',
  '/help/images/:file',
]
/** Pages that are shown without a session, or instead of one. */
const OUTSIDE = ['/sign-in', '/invitation/:token', '/docs', '/nowhere', '/server-health']
const INLINE = [
  /<[^>]+\sstyle\s*=[^>]*>/i,
  /<[^>]+\son\w+\s*=[^>]*>/i,
  /<style[^>]*>/i,
  /<script(?![^>]*\ssrc=)[^>]*>/i,
]

test('no page has a style, a script or a handler in its HTML; each has a sign-out and lets browsers fill in passwords', async () => {
  const { admissions } = await fillExample(db, TEST_SECRET, clock.now)
  await insertContact(db, admissions.id, '1001')
  const { run, batch } = await insertRun(db, admissions.id, 999)
  const person = { email: 'ravi@example.edu', name: 'Ravi', role: 'admin', teams: ['admissions'] }
  const { invitation } = await anyJson(await asOwner('POST', '/api/people', person))
  const values: Record<string, string> = {
    ...{ team: 'admissions', contactId: '1001', runId: run, batch, id: batch },
    name: 'file-format',
    token: String(invitation.link).split('/').at(-1) ?? '',
  }
  const routes = new Set(app.routes.filter(({ method }) => method === 'GET').map(({ path }) => path))
  const pages = [...routes].filter((path) => !/^\/api\/|\/live$|\/template$/.test(path) && !NO_PAGES.includes(path))
  expect(pages.length).toBeGreaterThan(20)
  const cookie = await signIn()
  const faults: string[] = []
  for (const page of [...pages, '/nowhere']) {
    const path = page.replace(/:(\w+)/g, (_, name: string) => values[name] ?? '')
    const answer = await request('GET', path, { cookie, accept: 'text/html' })
    const html = await answer.text()
    if (![200, 303].includes(answer.status) && page !== '/nowhere') faults.push(`${page}: ${answer.status}`)
    if (answer.status === 200 && !OUTSIDE.includes(page) && !html.includes('action="/sign-out"'))
      faults.push(`${page}: no sign-out`)
    for (const [field] of html.matchAll(/<input[^>]*name="(?:own|proof|current|password)"[^>]*>/g))
      if (!/type="password"/.test(field) || !/autocomplete="(?:current|new)-password"/.test(field))
        faults.push(`${page}: ${field}`)
    for (const pattern of INLINE) faults.push(...(pattern.exec(html) ?? []).map((found) => `${page}: ${found}`))
  }
  expect(faults).toEqual([])
})
