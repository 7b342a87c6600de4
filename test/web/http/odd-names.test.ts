import { expect, test } from 'vitest'
import { insertRun } from '../../support/history.ts'
import { insertContact, insertTeam } from '../../support/teams.ts'
import { testWeb } from '../../support/web.ts'

const { db, app, request, signIn, formToken, asOwner } = testWeb()
const origin = 'https://files.example.edu'

/** A name that every object has, a path that climbs, a NUL, and text that is a header or HTML. */
const ODD = ['constructor', '..%2f..%2fpackage.json', 'a%00b', '%0d%0aX-Odd:%201', '"><img%20src=x>']
const PARAMETERS = ['search', 'after', 'before', 'limit', 'team', 'to', 'show', 'run', 'kind', 'until', 'page', 'done']

test('an odd name in any place of a path or in a parameter is no fault of the server and is shown as text', async () => {
  const team = await insertTeam(db, 'admissions')
  await insertContact(db, team.id, '1001')
  const { run, batch } = await insertRun(db, team.id, 999)
  const cookie = await signIn()
  const headers = { cookie, origin, accept: 'text/html', 'x-form-token': formToken(cookie) }
  const values: Record<string, string> = {
    ...{ team: 'admissions', contactId: '1001', runId: run, batch, id: batch, username: 'sis-banner' },
    ...{ name: 'style.css', file: 'swagger-ui.css', act: 'off', token: 'x' },
  }
  const faults: string[] = []
  let asked = 0
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await request(method, path, headers, body)
    asked++
    const html = await answer.text()
    const location = answer.headers.get('location') ?? '/'
    if (answer.status >= 500) faults.push(`${method} ${path}: ${answer.status}`)
    if (answer.headers.has('x-odd') || /<img src=x>|"dependencies"/.test(html)) faults.push(`${method} ${path}: shown`)
    if (!/^\/(?!\/)/.test(location)) faults.push(`${method} ${path}: leads to ${location}`)
  }
  for (const route of new Set(app.routes.map(({ method, path }) => `${method} ${path}`))) {
    const [method = '', path = ''] = route.split(' ')
    // Streams do not end, and whoever signs out asks no more.
    if (method === 'ALL' || /\/(?:live|events)$|session|sign-out/.test(path)) continue
    const askWith = async (odd: string) => {
      for (const [, place] of path.matchAll(/:(\w+)/g)) {
        // One place finds the team of every route.
        if (place === 'team' && odd !== ODD[0]) continue
        const at = path.replace(/:(\w+)/g, (_, name: string) => (name === place ? odd : (values[name] ?? 'x')))
        await ask(method, at, method === 'GET' ? undefined : {})
      }
      if (method !== 'GET') return
      const at = path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? 'x')
      await ask(method, `${at}?${PARAMETERS.map((name) => `${name}=${odd}`).join('&')}`)
    }
    await Promise.all(ODD.map(askWith))
  }
  expect(asked).toBeGreaterThan(500)
  expect(faults).toEqual([])
}, 60_000)

test('a number of any size in a parameter is no fault of the server', async () => {
  const team = await insertTeam(db, 'bursar')
  const { run, batch } = await insertRun(db, team.id, 1)
  const headers = { cookie: await signIn(), accept: 'text/html' }
  const values: Record<string, string> = { team: 'bursar', runId: run, batch, id: batch }
  const faults: string[] = []
  const paths = new Set(app.routes.filter(({ method }) => method === 'GET').map(({ path }) => path))
  for (const path of paths) {
    if (/\/(?:live|events)$/.test(path)) continue
    const at = path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? 'x')
    const ask = async (parameter: string) => {
      const { status } = await request('GET', `${at}?${parameter}=${Number.MAX_SAFE_INTEGER}`, headers)
      if (status >= 500) faults.push(`${path}, ${parameter}: ${status}`)
    }
    await Promise.all(['before', 'after', 'run', 'limit', 'page'].map(ask))
  }
  expect(faults).toEqual([])
})

test('a form whose address holds a path that climbs reaches no other request of the API', async () => {
  const team = { team: 'registrar', name: 'Registrar', timeZone: 'UTC' }
  expect((await asOwner('POST', '/api/teams', team)).status).toBe(201)
  const cookie = await signIn()
  const headers = { cookie, origin, accept: 'text/html', 'x-form-token': formToken(cookie) }
  const climbing = await request('POST', '/people/..%2Fteams%2Fregistrar/remove', headers)
  expect(climbing.status).toBe(404)
  expect((await asOwner('GET', '/api/teams/registrar')).status).toBe(200)
})
