import { beforeAll, expect, test } from 'vitest'
import { createTeam } from '../../store/teams.ts'
import { base32, totpCode } from '../../web/totp.ts'
import { anyJson, OWNER, testWeb } from '../support/web.ts'

let mailed = 0
const { db, clock, request, signIn, caller } = testWeb({ mailQueued: () => void mailed++ })
const ORIGIN = { origin: 'https://files.example.edu' }
const PASSWORD = 'four unlike words here'
let owner: Awaited<ReturnType<typeof caller>>

beforeAll(async () => {
  for (const team of ['admissions', 'bursar']) await createTeam(db, { team, name: team, timeZone: 'UTC' })
  owner = await caller(OWNER.email)
})

async function invited(email: string, more: object = {}) {
  const response = await owner('POST', '/api/people', { email, teams: ['admissions'], ...more })
  expect(response.status).toBe(201)
  const person = await anyJson(response)
  return { id: person.id as string, token: person.invitation.link.split('/').at(-1) as string, person }
}

/** Someone who can sign in, and what they do with their session. */
async function made(email: string, more: object = {}) {
  const { id, token } = await invited(email, more)
  expect((await request('POST', '/api/invitation', {}, { token, password: PASSWORD })).status).toBe(204)
  const enter = (more: object = {}) => request('POST', '/api/session', {}, { email, password: PASSWORD, ...more })
  const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const cookie = cookieOf(await enter())
  const call = (method: string, path: string, body?: unknown) => request(method, path, { cookie, ...ORIGIN }, body)
  return { id, email, enter, cookieOf, cookie, call }
}

test('an invited person chooses a password by a link that works once', async () => {
  const { person, token } = await invited('Sam.Ito@example.edu', { name: 'Sam Ito' })
  expect(person).toMatchObject({ role: 'admin', teams: ['admissions'], state: 'invited', secondFactor: 'off' })
  expect(mailed).toBe(1)
  const { content, recipients } = await db
    .selectFrom('mail')
    .select(['content', 'recipients'])
    .where('kind', '=', 'invitation')
    .executeTakeFirstOrThrow()
  expect(content?.text).toContain(person.invitation.link)
  expect(recipients).toMatchObject([{ address: 'Sam.Ito@example.edu' }])
  const page = await request('GET', `/invitation/${token}`, { accept: 'text/html' })
  expect(await page.text()).toContain('Sam.Ito@example.edu')
  expect((await request('POST', '/api/invitation', {}, { token, password: 'password1234' })).status).toBe(422)
  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...ORIGIN }
  const chosen = (password: string) =>
    request('POST', '/invitation', form, new URLSearchParams({ token, password, name: 'Sam' }).toString())
  expect((await chosen('short')).status).toBe(422)
  expect((await chosen(PASSWORD)).headers.get('location')).toBe('/sign-in')
  expect((await chosen(PASSWORD)).status).toBe(404)
  const entered = await request('POST', '/api/session', {}, { email: 'sam.ito@EXAMPLE.edu', password: PASSWORD })
  expect(entered.status).toBe(204)
})

test('a link ends after three days, and when another is made', async () => {
  const first = await invited('kim@example.edu')
  const second = await anyJson(await owner('POST', `/api/people/${first.id}/invitation`))
  const token = second.invitation.link.split('/').at(-1)
  expect((await request('POST', '/api/invitation', {}, { token: first.token, password: PASSWORD })).status).toBe(404)
  clock.now = new Date(clock.now.getTime() + 72 * 3_600_000)
  expect((await request('POST', '/api/invitation', {}, { token, password: PASSWORD })).status).toBe(404)
})

test('of many who use a link at once, one chooses the password', async () => {
  const { token } = await invited('race@example.edu')
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => request('POST', '/api/invitation', {}, { token, password: PASSWORD })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404])
})

const badPeople = [
  { title: 'no address', body: { email: 'nobody' }, status: 422 },
  {
    title: 'a team that is not there',
    body: { email: 'a@example.edu', teams: ['admissions', 'nowhere'] },
    status: 422,
  },
  { title: 'an address that is taken, in other letters', body: { email: OWNER.email.toUpperCase() }, status: 409 },
  { title: 'a role that does not exist', body: { email: 'a@example.edu', role: 'root' }, status: 422 },
]
for (const { title, body, status } of badPeople)
  test(`nobody is invited with ${title}`, async () => {
    expect((await owner('POST', '/api/people', body)).status).toBe(status)
  })

test('teams are given and taken, and a removed person is out at once', async () => {
  const lee = await made('lee@example.edu')
  const teams = async () =>
    (await anyJson(await lee.call('GET', '/api/teams'))).items.map((team: { team: string }) => team.team)
  expect(await teams()).toEqual(['admissions'])
  expect((await owner('PATCH', `/api/people/${lee.id}`, { teams: ['bursar'] })).status).toBe(200)
  expect(await teams()).toEqual(['bursar'])
  expect((await lee.call('GET', '/api/people')).status).toBe(403)
  expect((await owner('PATCH', `/api/people/${lee.id}`, { role: 'owner' })).status).toBe(200)
  expect((await lee.call('GET', '/api/people')).status).toBe(200)
  expect((await owner('DELETE', `/api/people/${lee.id}`)).status).toBe(204)
  expect((await lee.call('GET', '/api/teams')).status).toBe(401)
  expect((await lee.enter()).status).toBe(401)
  const { items } = await anyJson(await owner('GET', '/api/audit'))
  const changes = items.filter((entry: { subject: string }) => entry.subject === lee.email)
  expect(changes.map((entry: { action: string }) => entry.action)).toEqual([
    'person.remove',
    'person.change',
    'person.change',
    'person.password-chosen',
    'person.invite',
  ])
  expect(changes[1].details).toEqual({ role: { from: 'admin', to: 'owner' } })
})

test('the only owner stays', async () => {
  const { items } = await anyJson(await owner('GET', '/api/people?limit=500'))
  const { id } = items.find((person: { email: string }) => person.email === OWNER.email)
  expect((await owner('DELETE', `/api/people/${id}`)).status).toBe(409)
  expect((await owner('PATCH', `/api/people/${id}`, { role: 'admin' })).status).toBe(409)
})

test('people come by address, page by page', async () => {
  const first = await anyJson(await owner('GET', '/api/people?limit=2'))
  const second = await anyJson(await owner('GET', `/api/people?limit=2&after=${encodeURIComponent(first.next)}`))
  const addresses = [...first.items, ...second.items].map((person: { email: string }) => person.email.toLowerCase())
  expect(addresses).toEqual([...new Set(addresses)].sort())
  expect(addresses).toHaveLength(4)
})

test('sessions are listed and can be ended one by one, by their person and by an owner', async () => {
  const kai = await made('kai@example.edu')
  await kai.enter()
  const sessions = async () => (await anyJson(await kai.call('GET', '/api/sessions'))).items
  const both = await sessions()
  expect(both.map((session: { current: boolean }) => session.current).sort()).toEqual([false, true])
  expect(JSON.stringify(both)).not.toContain(kai.cookie.split('=')[1])
  const other = both.find((session: { current: boolean }) => !session.current)
  expect((await kai.call('DELETE', `/api/sessions/${other.id}`)).status).toBe(204)
  expect((await kai.call('DELETE', `/api/sessions/${other.id}`)).status).toBe(404)
  const [last] = await sessions()
  expect((await owner('DELETE', `/api/people/${kai.id}/sessions/${last.id}`)).status).toBe(204)
  expect((await kai.call('GET', '/api/sessions')).status).toBe(401)
})

test('nobody ends the session of somebody else', async () => {
  const [ann, ben] = [await made('ann@example.edu'), await made('ben@example.edu')]
  const [session] = (await anyJson(await ann.call('GET', '/api/sessions'))).items
  expect((await ben.call('DELETE', `/api/sessions/${session.id}`)).status).toBe(404)
  expect((await ann.call('GET', '/api/sessions')).status).toBe(200)
})

test('a new password needs the current one and ends the other sessions', async () => {
  const mia = await made('mia@example.edu')
  const elsewhere = mia.cookieOf(await mia.enter())
  const change = (current: string, password: string) => mia.call('PUT', '/api/password', { current, password })
  expect(await anyJson(await change('wrong', 'another four words here'))).toMatchObject({
    errors: [{ path: 'current' }],
  })
  expect(await anyJson(await change(PASSWORD, 'password1234'))).toMatchObject({ errors: [{ path: 'password' }] })
  expect((await change(PASSWORD, 'another four words here')).status).toBe(204)
  expect((await request('GET', '/api/sessions', { cookie: elsewhere })).status).toBe(401)
  expect((await mia.call('GET', '/api/sessions')).status).toBe(200)
  expect((await mia.enter()).status).toBe(401)
  expect((await mia.enter({ password: 'another four words here' })).status).toBe(204)
})

function fromBase32(text: string): Buffer {
  const all = Array.from({ length: 32 }, (_, index) => base32(Buffer.from([index << 3])).charAt(0))
  const bits = [...text].map((character) => all.indexOf(character).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

test('a second factor is set up, asked for at the sign-in, and no code works twice', async () => {
  const noa = await made('noa@example.edu')
  expect((await noa.call('POST', '/api/second-factor', { password: 'wrong' })).status).toBe(422)
  const proposed = await anyJson(await noa.call('POST', '/api/second-factor', { password: PASSWORD }))
  const code = () => totpCode(fromBase32(proposed.secret), Math.floor(clock.now.getTime() / 30_000))
  expect((await noa.enter()).status).toBe(204)
  expect((await noa.call('PUT', '/api/second-factor', { code: '000000' })).status).toBe(422)
  expect((await noa.call('PUT', '/api/second-factor', { code: code() })).status).toBe(200)
  const without = await noa.enter()
  expect([without.status, (await anyJson(without)).errors]).toEqual([401, [expect.objectContaining({ path: 'code' })]])
  expect((await noa.enter({ code: code() })).status).toBe(401)
  clock.now = new Date(clock.now.getTime() + 30_000)
  expect((await noa.enter({ password: 'wrong', code: code() })).status).toBe(401)
  expect((await noa.enter({ code: code() })).status).toBe(204)
  expect((await noa.enter({ code: code() })).status).toBe(401)
  const { rows } = { rows: await db.selectFrom('administrator').select('totp_secret').execute() }
  for (const row of rows) expect(row.totp_secret?.includes(fromBase32(proposed.secret)) ?? false).toBe(false)
  expect((await owner('DELETE', `/api/people/${noa.id}/second-factor`)).status).toBe(204)
  expect((await noa.enter()).status).toBe(204)
})

for (const [title, ask] of [
  ['one person', (id: string) => owner('PATCH', `/api/people/${id}`, { secondFactorRequired: true })],
  ['everybody', () => owner('PATCH', '/api/installation', { secondFactor: 'required' })],
] as const)
  test(`where a second factor is asked of ${title}, nothing else can be done before it is set up`, async () => {
    const eve = await made(`eve-${title.length}@example.edu`)
    expect((await ask(eve.id)).status).toBe(200)
    expect((await eve.call('GET', '/api/teams')).status).toBe(403)
    expect(await anyJson(await eve.call('GET', '/api/session'))).toMatchObject({ secondFactorMissing: true })
    const { secret } = await anyJson(await eve.call('POST', '/api/second-factor', { password: PASSWORD }))
    const code = totpCode(fromBase32(secret), Math.floor(clock.now.getTime() / 30_000))
    expect((await eve.call('PUT', '/api/second-factor', { code })).status).toBe(200)
    expect((await eve.call('GET', '/api/teams')).status).toBe(200)
    await owner('PATCH', '/api/installation', { secondFactor: 'optional' })
  })

test('a token is no person: it changes no password and no second factor', async () => {
  for (const [method, path, body] of [
    ['GET', '/api/sessions', undefined],
    ['PUT', '/api/password', { current: OWNER.password, password: PASSWORD }],
    ['POST', '/api/second-factor', { password: OWNER.password }],
    ['DELETE', '/api/second-factor', { password: OWNER.password }],
  ] as const)
    expect((await owner(method, path, body)).status).toBe(403)
  await signIn()
})
