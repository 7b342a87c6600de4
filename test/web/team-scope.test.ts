import { beforeAll, expect, test } from 'vitest'
import type { Team } from '../../model/team.ts'
import { createTeam } from '../../store/teams.ts'
import { insertRun } from '../support/history.ts'
import { OWNER, testWeb } from '../support/web.ts'

const { db, app, caller } = testWeb()
const ADMIN = 'sam@example.edu'
let own: Team
let foreign: { team: Team; run: string; batch: string }

beforeAll(async () => {
  own = await made('admissions')
  const team = await made('bursar')
  foreign = { team, ...(await insertRun(db, team.id, 1)) }
  const { id } = await db
    .insertInto('administrator')
    .values({ email: ADMIN, role: 'admin', password_hash: null })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('administrator_team').values({ administrator_id: id, team_id: own.id }).execute()
})

async function made(slug: string): Promise<Team> {
  const team = await createTeam(db, { team: slug, name: slug, timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  return team
}

/** Valid bodies, so that a refusal can only come from the scope. */
const BODIES: Partial<Record<string, object>> = {
  'PATCH /api/teams/:team': { name: 'Taken over' },
  'PUT /api/teams/:team/import-settings': {},
  'POST /api/teams/:team/ftp-accounts': { username: 'mallory' },
  'PATCH /api/teams/:team/ftp-accounts/:username': {},
  'PATCH /api/teams/:team/contacts/:contactId': { optOut: { state: 'opted_out', source: 'contact' } },
}
/** For owners alone, whatever the team. */
const OWNERS_ONLY = ['DELETE /api/teams/:team']

const askers = [
  { title: 'an administrator of another team', caller: () => caller(ADMIN) },
  { title: 'a token of another team, though its maker sees all', caller: () => caller(OWNER.email, own.id) },
]
for (const asker of askers)
  test(`${asker.title} finds nothing of a foreign team on any route`, async () => {
    const call = await asker.caller()
    const routes = new Set(
      app.routes
        .filter(({ method, path }) => method !== 'ALL' && /:team|\/(runs|batches)\/:id/.test(path))
        .map(({ method, path }) => `${method} ${path}`),
    )
    expect(routes.size).toBeGreaterThan(15)
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ')
      const at = path
        .replace(':team', foreign.team.team)
        .replace(':id', path.includes('/runs/') ? foreign.run : foreign.batch)
        .replace(/:\w+/, 'x')
      const response = await call(method, at, BODIES[route])
      expect([route, response.status]).toEqual([route, OWNERS_ONLY.includes(route) ? 403 : 404])
    }
    expect((await call('POST', '/run-import', { team: foreign.team.team })).status).toBe(404)
    expect((await call('GET', `/api/audit?team=${foreign.team.team}`)).status).toBe(404)
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
