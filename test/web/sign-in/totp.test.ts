import { expect, test } from 'vitest'
import { seal, unseal } from '../../../files/sealed.ts'
import { base32, newTotpSecret, totpCode, totpStep, totpUri } from '../../../web/sign-in/totp.ts'

const SECRET = Buffer.from('12345678901234567890')

// RFC 6238, appendix B, SHA-1, the last six digits.
for (const [seconds, code] of [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const)
  test(`at ${seconds} s the code is ${code}`, () => {
    expect(totpCode(SECRET, Math.floor(seconds / 30))).toBe(code)
  })

test('a code counts in its step and one step either way', () => {
  const step = 37_037_036
  const taken = [-31, -30, 0, 29, 30, 59, 60].map((second) =>
    totpStep(SECRET, '08 18 04', new Date((step * 30 + second) * 1000)),
  )
  expect(taken).toEqual([null, step, step, step, step, step, null])
  for (const code of ['', '08180', '0818040', '081805', 'abcdef'])
    expect(totpStep(SECRET, code, new Date(step * 30_000))).toBeNull()
})

test('an app reads the secret from the link', () => {
  expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI')
  expect(totpUri(SECRET, 'dana@example.edu')).toBe(
    'otpauth://totp/Rosterport%3Adana%40example.edu?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Rosterport&algorithm=SHA1&digits=6&period=30',
  )
})

test('a sealed secret opens under its key and for its owner alone', () => {
  const key = Buffer.alloc(32, 'k')
  const secret = newTotpSecret()
  const sealed = seal(key, 'second factor', 'dana', secret)
  expect(unseal(key, 'second factor', 'dana', sealed)).toEqual(secret)
  expect(sealed.includes(secret)).toBe(false)
  expect(() => unseal(key, 'second factor', 'sam', sealed)).toThrow()
  expect(() => unseal(Buffer.alloc(32, 'x'), 'second factor', 'dana', sealed)).toThrow()
  expect(() => unseal(key, 'webhook', 'dana', sealed)).toThrow()
})
