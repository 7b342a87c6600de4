import { beforeEach, expect, test } from 'vitest'
import { administratorByEmail, claim } from '../../../store/people/administrators.ts'
import { ensureFirstAdministrator } from '../../../web/sign-in/first-administrator.ts'
import { Passwords } from '../../../web/sign-in/passwords.ts'
import { testDatabase } from '../../support/database.ts'

const { db } = testDatabase()
const EMAIL = 'dana@example.edu'

beforeEach(() => db.deleteFrom('administrator').execute())

const opens = async (password: string | null | undefined, email = EMAIL) =>
  new Passwords().verify(password ?? '', (await administratorByEmail(db, email))?.passwordHash ?? null)

async function signIn(email = EMAIL) {
  const known = await administratorByEmail(db, email)
  expect(await claim(db, known?.administrator.id ?? '', known?.passwordHash ?? '')).toBe(true)
}

test('the first administrator is an owner, with a generated password that has to be changed', async () => {
  const first = await ensureFirstAdministrator(db, EMAIL, null)
  expect(first).toEqual({ email: EMAIL, password: expect.stringMatching(/^[\w-]{22}$/) })
  const found = await administratorByEmail(db, 'DANA@example.edu')
  expect(found?.administrator).toMatchObject({ email: EMAIL, role: 'owner', teams: 'all', mustChangePassword: true })
  expect(await opens(first?.password)).toBe(true)
})

test('a password that was given is taken, is not shown, and may stay', async () => {
  expect(await ensureFirstAdministrator(db, EMAIL, 'chosen by the operator')).toEqual({ email: EMAIL, password: null })
  expect((await administratorByEmail(db, EMAIL))?.administrator.mustChangePassword).toBe(false)
  expect(await opens('chosen by the operator')).toBe(true)
})

test('until the first sign-in each start gives another password and address; after it none', async () => {
  const first = await ensureFirstAdministrator(db, EMAIL, null)
  const second = await ensureFirstAdministrator(db, 'sam@example.edu', null)
  expect(await opens(first?.password, 'sam@example.edu')).toBe(false)
  expect(await opens(second?.password, 'sam@example.edu')).toBe(true)
  await ensureFirstAdministrator(db, EMAIL, 'chosen by the operator')
  expect((await administratorByEmail(db, EMAIL))?.administrator.mustChangePassword).toBe(false)
  expect(await db.selectFrom('administrator').select('email').execute()).toEqual([{ email: EMAIL }])
  await signIn()
  expect(await ensureFirstAdministrator(db, 'sam@example.edu', null)).toBeNull()
  expect(await ensureFirstAdministrator(db, EMAIL, 'another of the operator')).toBeNull()
  expect(await opens('chosen by the operator')).toBe(true)
})

test('an address that somebody else has is not taken from them', async () => {
  await ensureFirstAdministrator(db, EMAIL, null)
  const sam = { email: 'sam@example.edu', role: 'admin', password_hash: null } as const
  await db.insertInto('administrator').values(sam).execute()
  const again = await ensureFirstAdministrator(db, 'SAM@example.edu', null)
  expect(again?.email).toBe(EMAIL)
  expect(await opens(again?.password)).toBe(true)
})

test('when several processes start at once there is one first administrator, whom the last password lets in', async () => {
  const emails = ['a@example.edu', 'b@example.edu', 'c@example.edu']
  const shown = await Promise.all(emails.map((email) => ensureFirstAdministrator(db, email, null)))
  const people = await db.selectFrom('administrator').select('email').execute()
  expect(people).toHaveLength(1)
  const last = shown.find((first) => first?.email === people[0]?.email)
  expect(await opens(last?.password, last?.email)).toBe(true)
})

test('who signs in by a password that a start replaces in that moment is not in, and the new one counts', async () => {
  await ensureFirstAdministrator(db, EMAIL, null)
  const before = await administratorByEmail(db, EMAIL)
  const again = await ensureFirstAdministrator(db, EMAIL, null)
  expect(await claim(db, before?.administrator.id ?? '', before?.passwordHash ?? '')).toBe(false)
  expect(await opens(again?.password)).toBe(true)
})
