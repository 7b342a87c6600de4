import { beforeEach, expect, test } from 'vitest'
import { administratorByEmail } from '../../../store/people/administrators.ts'
import { ensureFirstAdministrator } from '../../../web/sign-in/first-administrator.ts'
import { Passwords } from '../../../web/sign-in/passwords.ts'
import { testDatabase } from '../../support/database.ts'

const { db } = testDatabase()
const EMAIL = 'dana@example.edu'

beforeEach(() => db.deleteFrom('administrator').execute())

test('the first administrator is an owner, with a generated password that is shown once', async () => {
  const password = await ensureFirstAdministrator(db, EMAIL, null)
  expect(password).toMatch(/^[\w-]{22}$/)
  const found = await administratorByEmail(db, 'DANA@example.edu')
  expect(found?.administrator).toMatchObject({ email: EMAIL, role: 'owner', teams: 'all' })
  expect(await new Passwords().verify(password ?? '', found?.passwordHash ?? null)).toBe(true)
  expect(await ensureFirstAdministrator(db, EMAIL, null)).toBeNull()
})

test('a password that was given is taken, and not shown', async () => {
  expect(await ensureFirstAdministrator(db, EMAIL, 'chosen by the operator')).toBeNull()
  const found = await administratorByEmail(db, EMAIL)
  expect(await new Passwords().verify('chosen by the operator', found?.passwordHash ?? null)).toBe(true)
})

test('when two processes start at once there is one first administrator', async () => {
  const emails = ['a@example.edu', 'b@example.edu', 'c@example.edu']
  const shown = await Promise.all(emails.map((email) => ensureFirstAdministrator(db, email, null)))
  expect(shown.filter((password) => password !== null)).toHaveLength(1)
  expect(await db.selectFrom('administrator').select('email').execute()).toHaveLength(1)
})
