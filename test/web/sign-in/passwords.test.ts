import { expect, test } from 'vitest'
import { Passwords } from '../../../web/sign-in/passwords.ts'

const PASSWORD = 'pâssword with spaces'

test('a password is kept as argon2id with its cost and a salt of its own', async () => {
  const passwords = new Passwords()
  const [one, two] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(two).not.toBe(one)
  expect(await passwords.verify(PASSWORD, one)).toBe(true)
  expect(await passwords.verify(PASSWORD.normalize('NFD'), two)).toBe(true)
  expect(await passwords.verify(`${PASSWORD} `, one)).toBe(false)
})

test('a hash made elsewhere at another cost is understood', async () => {
  // A test vector of the argon2 reference implementation.
  const phc = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
  expect(await new Passwords().verify('password', phc)).toBe(true)
})

test('nobody signs in to an account without a password', async () => {
  expect(await new Passwords().verify('', null)).toBe(false)
})

test('beyond what can wait, people are told to come again, and all others are served', async () => {
  const passwords = new Passwords()
  const answers = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.verify('guess', null)))
  const refused = answers.filter((answer) => answer.status === 'rejected')
  expect(refused.map((answer) => answer.reason.kind)).toEqual(Array(38).fill('busy'))
  expect(await passwords.verify('guess', null)).toBe(false)
})

test('whoever is less suspicious goes first, and is not sent away in place of others', async () => {
  const passwords = new Passwords()
  const order: string[] = []
  const storm = Array.from({ length: 40 }, () =>
    passwords.verify('guess', null, 3).then(
      () => order.push('storm'),
      () => {},
    ),
  )
  await passwords.verify('right', null, 0).then(() => order.push('right'))
  await Promise.all(storm)
  // 22 of them are served. The few that were at work before may all be told of their ends first.
  expect(order.indexOf('right')).toBeLessThan(10)
})
