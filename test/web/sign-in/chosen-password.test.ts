import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { afterEach, expect, test, vi } from 'vitest'
import { createPerson, invite } from '../../../store/people/people.ts'
import { secretHash } from '../../../web/http/sessions/session-cookie.ts'
import { chosenPassword } from '../../../web/sign-in/chosen-password.ts'
import { testWeb } from '../../support/web.ts'

const { db, clock, request, signIn } = testWeb()
afterEach(() => vi.restoreAllMocks())

const REFUSED = [
  'short',
  'elevenchars',
  'x'.repeat(129),
  'password1234',
  'Password2024!',
  'P@ssw0rd2026',
  'passwordpassword',
  'letmeinletmein',
  'welcome12345',
  'administrator',
  '!!Administrator1',
  'iloveyou1234',
  'qwertyuiop12',
  'qwertyuiopas',
  '123456789012',
  '210987654321',
  'abcdefghijkl',
  '1qaz2wsx3edc',
  '1q2w3e4r5t6y',
  'aaaaaaaaaaaa',
  'abc123abc123ab',
  'rosterport2026',
  'rosterport-admin',
  'Registrar_Owner!9',
  'LiverpoolChelsea1',
  'mailcreated5240',
  'Charlotte2026!',
  '2026!Mercedes!!',
  'trustno1trustno1',
  'Trustno1-2026',
  'Ch4rl0tte2026!',
  'gateway....1999',
]
for (const password of REFUSED)
  test(`${password.slice(0, 20)} is refused`, () => {
    expect(chosenPassword.safeParse(password).success).toBe(false)
  })

const TAKEN = [
  'correct horse battery',
  'four unlike words here',
  'zx8Kq1vRt0pL',
  'scooby ate the gateway',
  'gatewayscharlottenburg',
  '839201756203',
  'passwords are a nuisance',
  'гречка и сметана',
  'x9'.padEnd(128, 'mop tule '),
]
for (const password of TAKEN)
  test(`${password.slice(0, 24)} is taken`, () => {
    expect(chosenPassword.safeParse(password).error?.issues).toBeUndefined()
  })

const LONG = 'Tr0ub4dor&3 '.repeat(4_000)
const ORIGIN = { origin: 'https://files.example.edu' }

test('a password is judged only if its length is allowed', () => {
  const judged = vi.spyOn(ZxcvbnFactory.prototype, 'check')
  for (const password of [LONG, 'x'.repeat(129), '\u{1f600}'.repeat(129), 'elevenchars', ''])
    expect(chosenPassword.safeParse(password).success).toBe(false)
  expect(judged).not.toHaveBeenCalled()
  expect(chosenPassword.safeParse('\u{1f600}four unlike words'.padEnd(128)).success).toBe(true)
  expect(judged).toHaveBeenCalled()
})

test('no request has a long password judged', async () => {
  const id = await createPerson(db, { email: 'kim@example.edu', name: '', role: 'admin', teamIds: [] })
  await invite(db, id ?? '', secretHash('the-link'), new Date(clock.now.getTime() + 60_000))
  const cookie = await signIn()
  const judged = vi.spyOn(ZxcvbnFactory.prototype, 'check')
  const body = { token: 'the-link', password: LONG }
  const asked = [
    await request('POST', '/api/invitation', {}, body),
    await request('PUT', '/api/password', { ...ORIGIN, cookie }, { current: 'x', password: LONG }),
    await request(
      'POST',
      '/invitation',
      { ...ORIGIN, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams(body).toString(),
    ),
  ]
  expect(asked.map(({ status }) => status)).toEqual([422, 422, 422])
  expect(judged).not.toHaveBeenCalled()
})

test('without an invitation no password is judged', async () => {
  const judged = vi.spyOn(ZxcvbnFactory.prototype, 'check')
  const answer = await request('POST', '/api/invitation', {}, { token: 'none', password: 'correct horse battery' })
  expect([answer.status, judged.mock.calls.length]).toEqual([404, 0])
})
