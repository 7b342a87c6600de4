import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { replaceTeamUsers, teamUsers } from '../../../store/team-users.ts'
import { createTeam } from '../../../store/teams.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

/** Lists of which a page shows a part: what is not on the page stays as it is. */
const { db, request, signIn, formToken, asOwner } = testWeb()
const PAGE = '/teams/admissions/users'
let teamId: number
let cookie: string

beforeAll(async () => {
  teamId = (await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' }))?.id as number
  cookie = await signIn()
})

const userOf = (n: number) => ({
  staffId: `s${String(n).padStart(3, '0')}`,
  name: `User ${n}`,
  email: `user${n}@example.edu`,
})
const listed = async (path: string) =>
  [...(await (await request('GET', path, { cookie })).text()).matchAll(/name="\d+\.was" value="([^"]*)"/g)].map(
    ([, was]) => was,
  )
const send = (path: string, fields: Record<string, string>) =>
  request(
    'POST',
    path,
    { cookie, origin: 'https://files.example.edu', 'content-type': 'application/x-www-form-urlencoded' },
    String(new URLSearchParams({ formToken: formToken(cookie), ...fields })),
  )

test('users are shown page by page and found by a part of their names', async () => {
  await replaceTeamUsers(
    db,
    teamId,
    Array.from({ length: 250 }, (_, n) => userOf(n)),
  )
  const [first, second, third] = [
    await listed(PAGE),
    await listed(`${PAGE}?after=s099`),
    await listed(`${PAGE}?after=s199`),
  ]
  expect([...first, ...second, ...third]).toEqual(Array.from({ length: 250 }, (_, n) => userOf(n).staffId))
  expect(first).toHaveLength(100)
  expect(await (await request('GET', PAGE, { cookie })).text()).toContain(`href="${PAGE}?after=s099"`)
  expect(await listed(`${PAGE}?search=USER+24`)).toEqual(['s024', ...Array.from({ length: 10 }, (_, n) => `s24${n}`)])
})

test('a page of users that is saved changes, adds and removes those on it, and leaves all others alone', async () => {
  await replaceTeamUsers(
    db,
    teamId,
    Array.from({ length: 150 }, (_, n) => userOf(n)),
  )
  const fields: Record<string, string> = {
    ...{ '0.was': 's000', '0.staffId': 'S000', '0.name': 'New Name', '0.email': 'user0@example.edu' },
    ...{ '1.was': 's001', '1.removed': '1', '1.staffId': 's001', '1.name': 'User 1', '1.email': 'user1@example.edu' },
    ...{ '2.was': '', '2.staffId': 'new', '2.name': 'Somebody', '2.email': 'somebody@example.edu' },
    ...{ '3.was': 's003', '3.staffId': '', '3.name': ' ', '3.email': '' },
  }
  const saved = await send(`${PAGE}?search=user`, { ...fields, save: '1' })
  expect([saved.status, saved.headers.get('location')]).toEqual([303, `${PAGE}?search=user&done=users-saved`])
  const users = await teamUsers(db, teamId)
  expect(users).toHaveLength(149)
  const find = (staffId: string) => users.find((user) => user.staffId.toLowerCase() === staffId)
  expect(find('s000')).toEqual({ staffId: 'S000', name: 'New Name', email: 'user0@example.edu' })
  expect([find('s001'), find('s003')]).toEqual([undefined, undefined])
  expect([find('new')?.name, find('s149')]).toEqual(['Somebody', userOf(149)])
})

test('a fault is shown at its line, also where the other one of two is on another page', async () => {
  await replaceTeamUsers(
    db,
    teamId,
    Array.from({ length: 150 }, (_, n) => userOf(n)),
  )
  const fields = { '0.was': '', '0.staffId': 'S149', '0.name': 'Somebody', '0.email': 'nowhere' }
  const refused = await send(PAGE, { ...fields, save: '1' })
  const text = await refused.text()
  expect(refused.status).toBe(422)
  expect(text).toContain('The Staff ID &quot;S149&quot; appears twice')
  expect(text).toContain('id="0-staffId-err"')
  expect(text).toContain('id="0-email-err"')
  expect(await teamUsers(db, teamId)).toHaveLength(150)
})

test('a line that is taken away before it is saved removes its user with the page', async () => {
  await replaceTeamUsers(db, teamId, [userOf(1), userOf(2)])
  const line = { '0.was': 's001', '0.staffId': 's001', '0.name': 'User 1', '0.email': 'user1@example.edu' }
  const text = await (await send(PAGE, { ...line, remove: '0' })).text()
  expect(text).toMatch(/name="0\.removed" value="1"/)
  expect(await teamUsers(db, teamId)).toHaveLength(2)
})

test('FTP accounts and people come page by page, in the API too', async () => {
  await sql`insert into ftp_account (username, team_id) select 'sis-' || lpad(n::text, 3, '0'), ${teamId}
    from generate_series(1, 120) n`.execute(db)
  const names = async (path: string) =>
    [...(await (await request('GET', path, { cookie })).text()).matchAll(/ftp-accounts\/(sis-\d+)\/password"/g)].map(
      ([, name]) => name,
    )
  expect(await names('/teams/admissions/ftp-accounts')).toHaveLength(50)
  expect((await names('/teams/admissions/ftp-accounts?after=sis-100')).at(0)).toBe('sis-101')
  expect(await names('/teams/admissions/ftp-accounts?search=-11')).toHaveLength(10)
  const found: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const path: string = `/api/teams/admissions/ftp-accounts?limit=50&after=${after}`
    const page = await anyJson(await request('GET', path, { cookie }))
    found.push(...page.items.map(({ username }: { username: string }) => username))
    after = page.next
  }
  expect(new Set(found).size).toBe(120)
})

test('a person keeps the teams that the page cannot offer', async () => {
  await sql`insert into team (team, name, time_zone) select 'm-' || lpad(n::text, 4, '0'), 'Team ' || n, 'UTC'
    from generate_series(1, 600) n`.execute(db)
  const ravi = { email: 'ravi@example.edu', name: 'Ravi', role: 'admin', teams: ['m-0600'] }
  await asOwner('POST', '/api/people', ravi)
  const text = await (await request('GET', '/people', { cookie })).text()
  expect(text).toMatch(/value="m-0600" checked/)
  expect(text).not.toContain('value="m-0599"')
})

test('of a list replaced as a whole the audit keeps the first changes and counts the rest', async () => {
  const users = Array.from({ length: 500 }, (_, n) => userOf(n))
  await replaceTeamUsers(db, teamId, [])
  expect((await asOwner('PUT', '/api/teams/admissions/users', users)).status).toBe(200)
  const { details } = await db
    .selectFrom('audit')
    .select('details')
    .where('action', '=', 'team-users.save')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  expect(Object.keys(details)).toHaveLength(201)
  expect(details.furtherChanges).toBe(300)
})

test('the audit tells of a user called constructor or __proto__ as of any other', async () => {
  const named = ['constructor', '__proto__', 'toString'].map((staffId) => ({ ...userOf(1), staffId }))
  await asOwner('PUT', '/api/teams/admissions/users', [])
  expect((await asOwner('PUT', '/api/teams/admissions/users', named)).status).toBe(200)
  const { items } = await anyJson(await asOwner('GET', '/api/audit?limit=10'))
  const saved = items.find(({ action }: { action: string }) => action === 'team-users.save')
  const to = { name: 'User 1', email: 'user1@example.edu' }
  for (const { staffId } of named)
    expect(Object.entries(saved.details).find(([key]) => key === staffId)?.[1]).toEqual({ from: null, to })
})

test('nobody makes more than a hundred tokens', async () => {
  await sql`insert into api_token (name, token_hash, administrator_id)
    select 'Token ' || n, decode(lpad(to_hex(n), 64, '0'), 'hex'), administrator.id
    from administrator, generate_series(1, 100) n where email = ${OWNER.email}`.execute(db)
  expect((await asOwner('POST', '/api/tokens', { name: 'one more' })).status).toBe(409)
})
