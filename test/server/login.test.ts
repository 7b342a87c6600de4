import { expect, test } from 'vitest'
import { login, mayComeFrom } from '../../server/login.ts'
import { updateFtpAccount } from '../../store/ftp-accounts.ts'
import { testDatabase } from '../support/database.ts'
import { SECRET, teamLogin } from './support/ftp-server.ts'

const { db } = testDatabase()

const cases: { allowed: string[]; address: string; may: boolean }[] = [
  { allowed: [], address: '203.0.113.9', may: true },
  { allowed: ['192.0.2.1'], address: '192.0.2.1', may: true },
  { allowed: ['192.0.2.1'], address: '::ffff:192.0.2.1', may: true },
  { allowed: ['192.0.2.1'], address: '192.0.2.10', may: false },
  { allowed: ['203.0.113.0/24', '192.0.2.0/28'], address: '192.0.2.15', may: true },
  { allowed: ['192.0.2.0/28'], address: '192.0.2.16', may: false },
  { allowed: ['2001:db8::/32'], address: '2001:db8::1', may: true },
  { allowed: ['2001:db8::/32'], address: '192.0.2.1', may: false },
]
for (const { allowed, address, may } of cases)
  test(`${address} ${may ? 'may' : 'may not'} log in where [${allowed}] is allowed`, () => {
    expect(mayComeFrom(allowed, address)).toBe(may)
  })

test('the right password from a wrong address opens nothing', async () => {
  const { team, username, password } = await teamLogin(db)
  await updateFtpAccount(db, team.id, username, { allowedAddresses: ['192.0.2.0/24'] })
  const from = (address: string) => login({ db, secret: SECRET }, { username, password, address, onlyUsual: false })
  expect(await from('203.0.113.9')).toBeNull()
  expect(await from('192.0.2.7')).toMatchObject({ account: { username }, team: { id: team.id } })
})
