import { expect, test } from 'vitest'
import {
  checkFtpLogin,
  createFtpAccount,
  deleteFtpAccount,
  ftpAccount,
  ftpLoggedIn,
  isUsualAddress,
  listFtpAccounts,
  renewFtpPassword,
  updateFtpAccount,
} from '../../store/ftp-accounts.ts'
import { testDatabase } from '../support/database.ts'

const { db } = testDatabase()
const SECRET = Buffer.alloc(32, 1)

async function team(slug: string): Promise<number> {
  const values = { team: slug, name: slug, time_zone: 'America/New_York' }
  return (await db.insertInto('team').values(values).returning('id').executeTakeFirstOrThrow()).id
}

async function made(teamId: number, username: string) {
  const created = await createFtpAccount(db, SECRET, teamId, { username })
  if (!created.ok) throw new Error(created.reason)
  return created
}

test('an account is made with a password that is not stored', async () => {
  const teamId = await team('one')
  const { account, password } = await made(teamId, 'sis-one')
  expect(account).toMatchObject({ username: 'sis-one', permissions: 'upload', enabled: true, lastLoginAt: null })
  expect(password).toMatch(/^([a-z2-9]{5}-){5}[a-z2-9]{5}$/)
  const row = await db.selectFrom('ftp_account').selectAll().where('username', '=', 'sis-one').executeTakeFirstOrThrow()
  expect(JSON.stringify(row)).not.toContain(password)
  expect(row.password_hmac).toHaveLength(32)
})

test('a username is taken for the whole installation', async () => {
  const [a, b] = [await team('two-a'), await team('two-b')]
  const { password } = await made(a, 'sis-two')
  expect(await createFtpAccount(db, SECRET, b, { username: 'sis-two' })).toEqual({
    ok: false,
    reason: 'username-taken',
  })
  expect((await checkFtpLogin(db, SECRET, 'sis-two', password))?.team.id).toBe(a)
})

test('only the right password under the right secret logs in, and the login is noted', async () => {
  const teamId = await team('three')
  const { password } = await made(teamId, 'sis-three')
  const tries = [
    [SECRET, 'sis-three', 'wrong'],
    [SECRET, 'sis-three', ''],
    [SECRET, 'SIS-three', password],
    [SECRET, 'nobody', password],
    [SECRET, '', password],
    [SECRET, 'sis-three\0', password],
    [SECRET, "' or 1=1 --", password],
    [Buffer.alloc(32, 2), 'sis-three', password],
  ] as const
  for (const [secret, username, given] of tries) expect(await checkFtpLogin(db, secret, username, given)).toBeNull()
  expect((await ftpAccount(db, teamId, 'sis-three'))?.lastLoginAt).toBeNull()
  const found = await checkFtpLogin(db, SECRET, 'sis-three', password)
  expect(found).toMatchObject({
    account: { username: 'sis-three' },
    team: { id: teamId, team: 'three', timeZone: 'America/New_York', ftpStrictClose: true },
  })
  if (found) await ftpLoggedIn(db, found.account, '192.0.2.1')
  expect(await ftpAccount(db, teamId, 'sis-three')).toMatchObject({
    lastLoginAt: expect.any(Date),
    lastLoginAddress: '192.0.2.1',
  })
  expect(await isUsualAddress(db, '192.0.2.1')).toBe(true)
  expect(await isUsualAddress(db, '192.0.2.2')).toBe(false)
})

test('a new password ends the old one, and a disabled account logs in with none', async () => {
  const teamId = await team('four')
  const { password } = await made(teamId, 'sis-four')
  const renewed = await renewFtpPassword(db, SECRET, teamId, 'sis-four')
  expect(await checkFtpLogin(db, SECRET, 'sis-four', password)).toBeNull()
  expect(await checkFtpLogin(db, SECRET, 'sis-four', renewed ?? '')).not.toBeNull()
  await updateFtpAccount(db, teamId, 'sis-four', { enabled: false })
  expect(await checkFtpLogin(db, SECRET, 'sis-four', renewed ?? '')).toBeNull()
})

test('a change touches what it names and nothing else', async () => {
  const teamId = await team('five')
  await made(teamId, 'sis-five')
  await updateFtpAccount(db, teamId, 'sis-five', { allowedAddresses: ['192.0.2.0/24'], permissions: 'full' })
  await updateFtpAccount(db, teamId, 'sis-five', { publicKeys: ['ssh-ed25519 AAAA'] })
  expect(await updateFtpAccount(db, teamId, 'sis-five', {})).toMatchObject({
    allowedAddresses: ['192.0.2.0/24'],
    permissions: 'full',
    publicKeys: ['ssh-ed25519 AAAA'],
  })
})

test('another team sees, changes and deletes nothing', async () => {
  const [mine, theirs] = [await team('six'), await team('seven')]
  await made(mine, 'sis-six')
  expect((await listFtpAccounts(db, theirs, { limit: 10 })).items).toEqual([])
  expect(await ftpAccount(db, theirs, 'sis-six')).toBeUndefined()
  expect(await updateFtpAccount(db, theirs, 'sis-six', { enabled: false })).toBeUndefined()
  expect(await renewFtpPassword(db, SECRET, theirs, 'sis-six')).toBeUndefined()
  expect(await deleteFtpAccount(db, theirs, 'sis-six')).toBe(false)
  expect((await listFtpAccounts(db, mine, { limit: 10 })).items.map(({ username }) => username)).toEqual(['sis-six'])
  expect(await deleteFtpAccount(db, mine, 'sis-six')).toBe(true)
})
