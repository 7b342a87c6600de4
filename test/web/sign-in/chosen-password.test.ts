import { expect, test } from 'vitest'
import { chosenPassword } from '../../../web/sign-in/chosen-password.ts'

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
