import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { AccessGuard } from '../../server/access-guard.ts'
import { listAudit } from '../../store/audit.ts'
import { testDatabase } from '../support/database.ts'
import { given } from './support/ftp-client.ts'
import { NO_LIMITS, serverFolders } from './support/ftp-server.ts'
import { RawClient } from './support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

test('the wait behind failed logins doubles up to eightfold, and is forgotten after a while', () => {
  let now = 0
  const guard = new AccessGuard({ ...NO_LIMITS, delayMilliseconds: 1000 }, () => now)
  const waits = () => guard.failed('192.0.2.1').delayMilliseconds
  expect(Array.from({ length: 6 }, waits)).toEqual([1000, 2000, 4000, 8000, 8000, 8000])
  expect(guard.failed('192.0.2.2').delayMilliseconds).toBe(1000)
  now += 31 * 60_000
  expect(waits()).toBe(1000)
})

test('an address is banned for its failed logins, and only for a time', () => {
  let now = 0
  const guard = new AccessGuard({ ...NO_LIMITS, banAfter: 3 }, () => now)
  expect(Array.from({ length: 3 }, () => guard.failed('192.0.2.1').banned)).toEqual([false, false, true])
  expect(guard.isBanned('192.0.2.1')).toBe(true)
  expect(guard.isBanned('192.0.2.2')).toBe(false)
  now += 31 * 60_000
  expect(guard.isBanned('192.0.2.1')).toBe(false)
})

test('an IPv6 network counts as one address', () => {
  const guard = new AccessGuard({ ...NO_LIMITS, banAfter: 2, maxPerAddress: 1 })
  guard.failed('2001:db8::1')
  expect(guard.failed('2001:db8:0:0:ffff::2').banned).toBe(true)
  expect(guard.isBanned('2001:db8:0:1::1')).toBe(false)
  expect(guard.enter('2001:db8::1')).toBe(true)
  expect(guard.enter('2001:0db8:0000::9')).toBe(false)
})

for (const { title, limits } of [
  { title: 'in all', limits: { ...NO_LIMITS, maxConnections: 2 } },
  { title: 'of one address', limits: { ...NO_LIMITS, maxPerAddress: 2 } },
])
  test(`a connection over the limit ${title} is told 421, and one that ends makes room`, async () => {
    const { server } = await given(db, folders, { access: new AccessGuard(limits) })
    const first = await RawClient.open(server.port)
    await RawClient.open(server.port)
    const over = connect(server.port, '127.0.0.1')
    const [told] = await once(over, 'data')
    expect(String(told)).toBe('421 Too many connections; try again later.\r\n')
    await once(over, 'close')
    first.socket.destroy()
    await vi.waitFor(async () => {
      const next = connect(server.port, '127.0.0.1')
      const [greeting] = await once(next, 'data')
      next.destroy()
      expect(String(greeting)).toMatch(/^220/)
    })
  })

test('sessions past the pace of their address are refused where their turn is too far off', async () => {
  const beginning = { burst: 2, perSecond: 0.01 }
  const access = new AccessGuard({ ...NO_LIMITS, beginning }, () => 0)
  const { server } = await given(db, folders, { access })
  const replies: string[] = []
  for (let n = 0; n < 3; n++) {
    const client = await RawClient.open(server.port)
    replies.push(await client.send('NOOP'))
    // What comes behind the first command of a session is no beginning.
    if (n === 0) replies.push(await client.send('NOOP'))
    client.socket.destroy()
  }
  expect(replies.map((reply) => reply.slice(0, 3))).toEqual(['200', '200', '200', '421'])
})

test('commands of one team wait for the turns that all its sessions share', () => {
  const commands = { burst: 2, perSecond: 10 }
  const guard = new AccessGuard({ ...NO_LIMITS, commands }, () => 0)
  expect([1, 1, 1, 1, 2].map((team) => guard.waitToAsk(team))).toEqual([0, 0, 100, 200, 0])
})

async function guess(port: number, username: string, times: number): Promise<string> {
  let told = ''
  for (let tried = 0; tried < times; tried++) {
    const client = await RawClient.open(port)
    told = await client.login({ username, password: 'guess' })
    client.socket.destroy()
  }
  return told
}

test('a banned address is refused; the account at home there still gets in, no other does', async () => {
  const access = new AccessGuard({ ...NO_LIMITS, banAfter: 5 })
  const { server, login, client } = await given(db, folders, { access })
  await client()
  expect(await guess(server.port, 'nobody', 5)).toBe('421 Too many login failures.')
  expect(access.isBanned('127.0.0.1')).toBe(true)
  await client()
  const { login: stranger } = await given(db, folders)
  const refused = await RawClient.open(server.port)
  expect(await refused.login(stranger)).toBe('530 Login incorrect.')
  await vi.waitFor(async () => {
    const rows = (await listAudit(db, 'all', { limit: 50 })).items.filter(({ actor }) => actor === 'nobody')
    expect(rows.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'ftp.ban 127.0.0.1',
      ...Array(5).fill('ftp.login-failed 127.0.0.1'),
    ])
  })
  expect(login.username).not.toBe(stranger.username)
})

test('a banned address where nobody is at home is told 421 at once', async () => {
  const access = new AccessGuard({ ...NO_LIMITS, banAfter: 3 })
  const { server } = await given(db, folders, { access })
  const from = (localAddress: string) => connect({ port: server.port, host: '127.0.0.1', localAddress })
  for (let tried = 0; tried < 3; tried++) access.failed('127.0.0.9')
  await vi.waitFor(async () => {
    const [told] = await once(from('127.0.0.9'), 'data')
    expect(String(told)).toBe('421 Too many login failures; try again later.\r\n')
  })
  const [greeting] = await once(from('127.0.0.8'), 'data')
  expect(String(greeting)).toMatch(/^220/)
})

test('what people type where the user name belongs is not kept unless it is a user name', async () => {
  const { server } = await given(db, folders)
  const client = await RawClient.open(server.port)
  await client.login({ username: 'my secret pass', password: 'x' })
  await vi.waitFor(async () => {
    const { items } = await listAudit(db, 'all', { limit: 50 })
    expect(items[0]).toMatchObject({ action: 'ftp.login-failed', actor: '(no user name)' })
  })
})

test('a client that does not read its replies is cut', async () => {
  const { server } = await given(db, folders, { limits: { loginSeconds: 30, idleSeconds: 60, stallSeconds: 0.3 } })
  const client = connect(server.port, '127.0.0.1')
  client.on('error', () => {})
  await once(client, 'data')
  client.pause()
  const help = 'HELP\r\n'.repeat(1000)
  const pump = () => {
    while (client.write(help));
  }
  client.on('drain', pump)
  pump()
  await new Promise((resolve) => client.once('close', resolve))
})

test('five thousand logins of one account wait for nothing; then they come slower, and those of another do not', () => {
  const guard = new AccessGuard(NO_LIMITS, () => 0)
  for (let n = 0; n < 5_000; n++) expect(guard.loginWait('sis', '192.0.2.1')).toBe(0)
  expect(guard.loginWait('sis', '192.0.2.1')).toBeGreaterThan(0)
  expect(guard.loginWait('other-sis', '192.0.2.1')).toBe(0)
  // Whoever knows its name takes nothing from the account itself.
  expect(guard.loginWait('sis', '198.51.100.7')).toBe(0)
})

test('tries that waited for as long as any leave no longer wait behind them', () => {
  let now = 0
  const guard = new AccessGuard(NO_LIMITS, () => now)
  for (let n = 0; n < 20_000; n++) guard.loginWait('sis', '192.0.2.1')
  expect(guard.loginWait('sis', '192.0.2.1')).toBe(20_000)
  now += 20_000
  expect(guard.loginWait('sis', '192.0.2.1')).toBeLessThan(100)
})

test('texts that can be no name of an account are counted together, so that none of them is kept', () => {
  const guard = new AccessGuard(NO_LIMITS, () => 0)
  const madeUp = (n: number) => `${'x'.repeat(1_000)}${n}`
  for (let n = 0; n < 5_000; n++) expect(guard.loginWait(madeUp(n), '192.0.2.1')).toBe(0)
  expect(guard.loginWait(madeUp(5_000), '192.0.2.1')).toBeGreaterThan(0)
})
