import { beforeAll, expect, test } from 'vitest'
import type { Team } from '../../../model/team.ts'
import { insertRun } from '../../support/history.ts'
import { insertContact, insertTeam } from '../../support/teams.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

const { db, app, request, asOwner, caller } = testWeb()
const ADMIN = 'sam@example.edu'
let own: Team
let foreign: { team: Team; run: string; batch: string }

beforeAll(async () => {
  own = await insertTeam(db, 'admissions')
  const team = await insertTeam(db, 'bursar')
  foreign = { team, ...(await insertRun(db, team.id, 1)) }
  await db
    .insertInto('ftp_account')
    .values({ username: 'bursar-sis', team_id: team.id, password_hmac: null, last_login_at: null })
    .execute()
  await insertContact(db, team.id)
  const { id } = await db
    .insertInto('administrator')
    .values({ email: ADMIN, role: 'admin', password_hash: null })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('administrator_team').values({ administrator_id: id, team_id: own.id }).execute()
})

/** Valid bodies, so that a refusal can only come from the scope. */
const BODIES: Partial<Record<string, object>> = {
  'PATCH /api/teams/:team': { name: 'Taken over' },
  'PUT /api/teams/:team/import-settings': {},
  'POST /api/teams/:team/ftp-accounts': { username: 'mallory' },
  'PATCH /api/teams/:team/ftp-accounts/:username': {},
  'PATCH /api/teams/:team/contacts/:contactId': { optOut: { state: 'opted_out', source: 'contact' } },
}
/** For owners alone, whatever the team. */
const OWNERS_ONLY = /^DELETE \/api\/teams\/:team$|\/people/
/** For people alone, who have sessions and tokens of their own. */
const OWN_ACCOUNT = /\/api\/(sessions|tokens)\/:id$/
const OF_NOBODY = /^\/(assets|docs|invitation)\//

/** Whatever an id in a path names, it is one of the foreign team. */
function foreignAddress(path: string): string {
  const ids: Record<string, string> = {
    team: foreign.team.team,
    username: 'bursar-sis',
    contactId: '1001',
    runId: foreign.run,
    batchId: foreign.batch,
    act: 'remove',
    id: path.includes('/runs/') ? foreign.run : foreign.batch,
  }
  // Of the words that a part of the path may be, the first.
  return path.replace(
    /:(\w+)(?:\{([^}]*)\})?/g,
    (_, name: string, words?: string) => ids[name] ?? words?.split('|')[0] ?? 'x',
  )
}

const askers = [
  { title: 'an administrator of another team', caller: () => caller(ADMIN) },
  { title: 'a token of another team, though its maker sees all', caller: () => caller(OWNER.email, own.id) },
]
for (const asker of askers)
  test(`${asker.title} finds nothing of a foreign team on any route`, async () => {
    const call = await asker.caller()
    const routes = new Set(
      app.routes
        .filter(({ method, path }) => method !== 'ALL' && path.includes(':') && !OF_NOBODY.test(path))
        .map(({ method, path }) => `${method} ${path}`),
    )
    expect(routes.size).toBeGreaterThan(30)
    for (const route of routes) {
      if (OWN_ACCOUNT.test(route)) continue
      const [method = '', path = ''] = route.split(' ')
      const response = await call(method, foreignAddress(path), BODIES[route], { accept: 'application/json' })
      const status = OWNERS_ONLY.test(route) ? 403 : 404
      expect([route, response.status]).toEqual([route, status])
    }
    expect((await call('POST', '/run-import', { team: foreign.team.team })).status).toBe(404)
    expect((await call('GET', `/api/audit?team=${foreign.team.team}`)).status).toBe(404)
  })

test('of the tokens and sessions of somebody else there are none', async () => {
  const made = await asOwner('POST', '/api/tokens', { name: 'of the owner' })
  const { id } = await anyJson(made)
  const call = await caller(ADMIN)
  expect((await call('DELETE', `/api/tokens/${id}`)).status).toBe(404)
  await request('POST', '/api/session', {}, OWNER)
  const session = await db.selectFrom('session').select('id').executeTakeFirstOrThrow()
  expect((await call('DELETE', `/api/people/${foreign.run}/sessions/${session.id}`)).status).toBe(403)
})

test('lists hold the things of their own teams alone', async () => {
  const owner = await caller(OWNER.email)
  for (const { team } of [own, foreign.team]) await owner('PATCH', `/api/teams/${team}`, { quotaFiles: 5 })
  for (const asker of askers) {
    const call = await asker.caller()
    const teams = await (await call('GET', '/api/teams')).json()
    expect(teams).toMatchObject({ items: [{ team: 'admissions' }], next: null })
    const entries = await (await call('GET', '/api/audit')).json()
    expect(entries).toMatchObject({ items: [{ team: 'admissions', action: 'team.change' }], next: null })
  }
})

test('an owner sees the things of every team', async () => {
  const call = await caller(OWNER.email)
  expect((await call('GET', `/api/runs/${foreign.run}`)).status).toBe(200)
  expect((await call('GET', `/api/batches/${foreign.batch}`)).status).toBe(200)
})

test('a token of one team cannot make itself another', async () => {
  const call = await caller(OWNER.email, own.id)
  expect((await call('POST', '/api/tokens', { name: 'wider' })).status).toBe(403)
  expect((await call('GET', '/api/tokens')).status).toBe(403)
  expect((await call('POST', '/api/teams', { team: 'new', name: 'New', timeZone: 'UTC' })).status).toBe(403)
})

test('a token of a team dies with the right of its maker to that team', async () => {
  const call = await caller(ADMIN, own.id)
  expect((await call('GET', `/api/teams/${own.team}`)).status).toBe(200)
  await db.deleteFrom('administrator_team').execute()
  expect((await call('GET', `/api/teams/${own.team}`)).status).toBe(404)
})
