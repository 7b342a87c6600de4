import { beforeAll, expect, test } from 'vitest'
import { setSecondFactorRule } from '../../../store/people/second-factor.ts'
import { createTeam } from '../../../store/teams.ts'
import { base32, totpCode } from '../../../web/sign-in/totp.ts'
import { anyJson, OWNER, testWeb } from '../../support/web.ts'

const {
  db,
  clock,
  request,
  signIn,
  asOwner: owner,
  formToken,
  caller,
} = testWeb({
  trustedProxies: ['127.0.0.1'],
})
const ORIGIN = { origin: 'https://files.example.edu' }
const PASSWORD = 'four unlike words here'
const FORM_TYPE = 'application/x-www-form-urlencoded'

beforeAll(async () => {
  for (const team of ['admissions', 'bursar']) await createTeam(db, { team, name: team, timeZone: 'UTC' })
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
  // The owner hands the link over, so it is not written to the outbox as well.
  expect(await db.selectFrom('mail').selectAll().execute()).toEqual([])
  const page = await request('GET', `/invitation/${token}`, { accept: 'text/html' })
  expect(await page.text()).toContain('Sam.Ito@example.edu')
  expect((await request('POST', '/api/invitation', {}, { token, password: 'password1234' })).status).toBe(422)
  const form = { 'content-type': FORM_TYPE, accept: 'text/html', ...ORIGIN }
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

test('a new link leaves the second factor as it is', async () => {
  const liv = await madeWithSecondFactor('liv@example.edu')
  const link = await anyJson(await owner('POST', `/api/people/${liv.id}/invitation`))
  const token = link.invitation.link.split('/').at(-1)
  expect((await request('POST', '/api/invitation', {}, { token, password: PASSWORD })).status).toBe(204)
  expect((await liv.enter()).status).toBe(401)
  clock.now = new Date(clock.now.getTime() + 30_000)
  expect((await liv.enter({ code: liv.codeNow() })).status).toBe(204)
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

test('a link dies with the password that it could set', async () => {
  const uma = await made('uma@example.edu')
  const answer = await owner('POST', `/api/people/${uma.id}/invitation`)
  const token = (await anyJson(answer)).invitation.link.split('/').at(-1)
  const changed = await uma.call('PUT', '/api/password', { current: PASSWORD, password: `${PASSWORD} too` })
  expect(changed.status).toBe(204)
  expect((await request('POST', '/api/invitation', {}, { token, password: PASSWORD })).status).toBe(404)
})

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

/** Somebody whose second factor is on. */
async function madeWithSecondFactor(email: string) {
  const person = await made(email)
  const { secret } = await anyJson(await person.call('POST', '/api/second-factor', { password: PASSWORD }))
  const codeNow = () => totpCode(fromBase32(secret), Math.floor(clock.now.getTime() / 30_000))
  const { recoveryCodes } = await anyJson(await person.call('PUT', '/api/second-factor', { code: codeNow() }))
  return { ...person, codeNow, recoveryCodes: recoveryCodes as string[] }
}

const codesLeft = async ({ call }: Awaited<ReturnType<typeof made>>) =>
  (await anyJson(await call('GET', '/api/second-factor'))).recoveryCodesLeft

test('each of ten recovery codes lets somebody in once who lost the app, and the audit tells', async () => {
  const una = await madeWithSecondFactor('una@example.edu')
  const [first = '', second = ''] = una.recoveryCodes
  expect(new Set(una.recoveryCodes).size).toBe(10)
  expect((await una.enter({ password: 'wrong', code: first })).status).toBe(401)
  const both = await Promise.all([una.enter({ code: first }), una.enter({ code: first })])
  expect(both.map(({ status }) => status).toSorted()).toEqual([204, 401])
  expect((await una.enter({ code: ` ${second.toUpperCase().replaceAll('-', '')}` })).status).toBe(204)
  expect((await una.enter({ code: second.replace(/.$/, '') })).status).toBe(401)
  expect(await codesLeft(una)).toBe(8)
  const { items } = await anyJson(await owner('GET', '/api/audit'))
  expect(items.filter(({ action }: { action: string }) => action === 'second-factor.recovery-code-used')).toMatchObject(
    [
      { actor: 'una@example.edu', details: { left: 8 } },
      { actor: 'una@example.edu', details: { left: 9 } },
    ],
  )
  const kept = await db.selectFrom('recovery_code').select('code_hash').execute()
  expect(JSON.stringify([items, kept])).not.toContain(una.recoveryCodes[2])
})

test('codes can hardly be guessed, from one address or many, and the right person still gets in', async () => {
  const pia = await madeWithSecondFactor('pia@example.edu')
  const from = (host: number, code?: string) =>
    request(
      'POST',
      '/api/session',
      { 'x-forwarded-for': `192.0.2.${host}` },
      { email: pia.email, password: PASSWORD, code },
    )
  const statuses = []
  for (let tries = 0; tries < 4; tries++) statuses.push((await from(1)).status, (await from(1, '000000')).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  for (let host = 2; host < 5; host++) expect((await from(host, '000000')).status).toBe(401)
  const refused = await from(5, '000000')
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
  expect((await from(6, pia.recoveryCodes[0])).status).toBe(204)
  clock.now = new Date(clock.now.getTime() + 31_000)
  expect((await pia.enter({ code: pia.codeNow() })).status).toBe(204)
})

test('new recovery codes need the password and replace the old ones; they need a second factor', async () => {
  const vic = await madeWithSecondFactor('vic@example.edu')
  const [former] = vic.recoveryCodes
  const make = (password: string) => vic.call('POST', '/api/recovery-codes', { password })
  expect((await make('wrong')).status).toBe(422)
  const { recoveryCodes } = await anyJson(await make(PASSWORD))
  expect((await vic.enter({ code: former })).status).toBe(401)
  expect((await vic.enter({ code: recoveryCodes[0] })).status).toBe(204)
  expect((await vic.call('DELETE', '/api/second-factor', { password: PASSWORD })).status).toBe(204)
  expect(await codesLeft(vic)).toBe(0)
  expect((await make(PASSWORD)).status).toBe(409)
  const wes = await madeWithSecondFactor('wes@example.edu')
  expect((await wes.enter({ code: recoveryCodes[1] })).status).toBe(401)
})

test('all other sessions of a person are ended at once', async () => {
  const zoe = await made('zoe@example.edu')
  const elsewhere = zoe.cookieOf(await zoe.enter())
  const other = await made('ada@example.edu')
  expect((await zoe.call('DELETE', '/api/sessions')).status).toBe(204)
  expect((await request('GET', '/api/teams', { cookie: elsewhere })).status).toBe(401)
  expect((await zoe.call('GET', '/api/teams')).status).toBe(200)
  expect((await other.call('GET', '/api/teams')).status).toBe(200)
  expect((await (await caller(OWNER.email))('DELETE', '/api/sessions')).status).toBe(403)
})

test('a new password by link leads to the tokens of before, and each can be deleted there', async () => {
  const gil = await made('gil@example.edu')
  const { token: sis } = await anyJson(await gil.call('POST', '/api/tokens', { name: 'Nightly <job>' }))
  const asSis = () => request('GET', '/api/teams', { authorization: `Bearer ${sis}` })
  expect((await asSis()).status).toBe(200)
  const link = await anyJson(await owner('POST', `/api/people/${gil.id}/invitation`))
  const token = link.invitation.link.split('/').at(-1)
  const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    request(
      'POST',
      path,
      { 'content-type': FORM_TYPE, accept: 'text/html', ...ORIGIN, ...headers },
      new URLSearchParams(fields).toString(),
    )
  const chosen = await send('/invitation', { token, password: `${PASSWORD} more` })
  expect(chosen.headers.get('location')).toBe('/sign-in?to=%2Faccount%23tokens')
  const entered = await send('/sign-in', { email: gil.email, password: `${PASSWORD} more`, to: '/account#tokens' })
  expect(entered.headers.get('location')).toBe('/account#tokens')
  const cookie = gil.cookieOf(entered)
  const page = await (await request('GET', '/account', { cookie })).text()
  expect(page).toContain('<th scope="row">Nightly &lt;job&gt;</th>')
  const id = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const deleted = await send('/account', { act: 'delete-token', token: id, formToken: formToken(cookie) }, { cookie })
  expect(deleted.headers.get('location')).toBe('/account?done=token-deleted')
  expect((await asSis()).status).toBe(401)
})

test('after half an hour a session must confirm the password to create lasting access', async () => {
  const ivy = await made('ivy@example.edu', { role: 'owner' })
  const { id } = await invited('newcomer@example.edu')
  const pass = (minutes: number) => {
    clock.now = new Date(clock.now.getTime() + minutes * 60_000)
  }
  let count = 0
  const tries = [
    () => ivy.call('POST', '/api/tokens', { name: 'SIS job' }),
    () => ivy.call('POST', '/api/people', { email: `owner-${count++}@example.edu`, role: 'owner' }),
    () => ivy.call('PATCH', `/api/people/${id}`, { role: 'owner' }),
    () => ivy.call('POST', `/api/people/${id}/invitation`),
    () => ivy.call('DELETE', `/api/people/${id}/second-factor`),
    () => ivy.call('PATCH', '/api/installation', { secondFactor: 'optional' }),
  ]
  const statuses = () => Promise.all(tries.map(async (attempt) => (await attempt()).status))
  pass(29)
  expect((await ivy.call('GET', '/api/teams')).status).toBe(200)
  pass(1)
  expect(await statuses()).toEqual(tries.map(() => 403))
  expect((await ivy.call('POST', '/api/people', { email: 'plain@example.edu' })).status).toBe(201)
  expect(await anyJson(await ivy.call('POST', '/api/tokens', { name: 'SIS job' }))).toMatchObject({
    detail: expect.stringContaining('Confirm your password first'),
  })
  expect((await ivy.call('POST', '/api/session/proof', { password: 'wrong' })).status).toBe(422)
  expect((await ivy.call('POST', '/api/session/proof', { password: PASSWORD })).status).toBe(204)
  expect(await statuses()).toEqual([201, 201, 200, 201, 204, 200])
  expect((await ivy.call('POST', '/api/tokens', { name: 'another' })).status).toBe(201)
})

test('the pages say what asks for the password again, keep the form, and take the password', async () => {
  const ora = await made('ora@example.edu', { role: 'owner' })
  const headers = { cookie: ora.cookie, ...ORIGIN, accept: 'text/html', 'x-form-token': formToken(ora.cookie) }
  const send = (path: string, fields: Record<string, string>) =>
    request('POST', path, { ...headers, 'content-type': FORM_TYPE }, new URLSearchParams(fields).toString())
  const account = async () => (await request('GET', '/account', headers)).text()
  for (const minutes of [20, 20]) {
    expect(await account()).not.toContain('Confirm your password')
    clock.now = new Date(clock.now.getTime() + minutes * 60_000)
  }
  expect(await account()).toContain('Confirm your password')
  const invitation = { email: 'next.owner@example.edu', role: 'owner' }
  const refused = await send('/people', invitation)
  const html = await refused.text()
  expect([refused.status, html.includes('Confirm your password first'), html.includes(invitation.email)]).toEqual([
    422,
    true,
    true,
  ])
  expect(await (await send('/account', { act: 'prove', proof: 'wrong' })).text()).toContain(
    'This is not your password.',
  )
  expect((await send('/account', { act: 'prove', proof: PASSWORD })).status).toBe(303)
  expect((await send('/people', invitation)).status).toBe(200)
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
    await setSecondFactorRule(db, 'optional')
  })

test('a token is no person: it changes no password and makes no other way in', async () => {
  const token = await caller(OWNER.email)
  const { id } = await invited('bystander@example.edu')
  for (const [method, path, body] of [
    ['GET', '/api/sessions', undefined],
    ['PUT', '/api/password', { current: OWNER.password, password: PASSWORD }],
    ['POST', '/api/second-factor', { password: OWNER.password }],
    ['DELETE', '/api/second-factor', { password: OWNER.password }],
    ['POST', '/api/tokens', { name: 'child' }],
    ['POST', '/api/people', { email: 'mallory@example.edu', role: 'owner' }],
    ['POST', '/api/people', { email: 'mallory@example.edu', role: 'admin', teams: ['admissions'] }],
    ['PATCH', `/api/people/${id}`, { role: 'owner' }],
    ['POST', `/api/people/${id}/invitation`, undefined],
    ['DELETE', `/api/people/${id}/second-factor`, undefined],
    ['PATCH', '/api/installation', { secondFactor: 'optional' }],
  ] as const)
    expect([path, await anyJson(await token(method, path, body))]).toMatchObject([
      path,
      { status: 403, detail: 'A token cannot do this. Sign in for this.' },
    ])
  await signIn()
})
