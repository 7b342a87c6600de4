import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { AccessGuard, type AccessLimits } from '../../../server/access-guard.ts'
import { type HostKeys, loadHostKeys } from '../../../server/sftp/host-keys.ts'
import type { SftpOptions } from '../../../server/sftp/sftp-options.ts'
import { updateFtpAccount } from '../../../store/ftp-accounts.ts'
import { testDatabase } from '../../support/database.ts'
import { serverFolders, teamLogin } from '../support/ftp-server.ts'
import { ed25519Keys } from '../support/sftp-keys.ts'
import { connectSsh, SftpClient, startSftp } from '../support/sftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()
let hostKeys: HostKeys
beforeAll(async () => {
  hostKeys = await loadHostKeys(join(folders.teams(), '..', 'keys'))
})

const LIMITS: AccessLimits = {
  maxConnections: 100,
  maxPerAddress: 100,
  maxPerAccount: 100,
  banAfter: 1000,
  banMinutes: 1,
  delayMilliseconds: 1,
  beginning: { burst: 1_000_000, perSecond: 1_000_000 },
  commands: { burst: 1_000_000, perSecond: 1_000_000 },
}
const ours = ed25519Keys()
const stranger = ed25519Keys()

async function setUp({
  access,
  ...options
}: { access?: Partial<AccessLimits> } & Omit<Partial<SftpOptions>, 'access'> = {}) {
  const login = await teamLogin(db)
  const guard = new AccessGuard({ ...LIMITS, ...access })
  const server = await startSftp({ db, team: login.team, teams: folders.teams(), hostKeys, access: guard, ...options })
  return {
    server,
    login,
    change: (changes: Parameters<typeof updateFtpAccount>[3]) =>
      updateFtpAccount(db, login.team.id, login.username, changes),
  }
}

/** What a client is told that tries these ways to log in, one behind the other. */
async function attempt(
  port: number,
  ways: ssh2.AnyAuthMethod[],
): Promise<{ outcome: 'ready' | 'refused'; answers: number }> {
  const client = new ssh2.Client()
  onTestFinished(() => void client.destroy())
  const left = [...ways]
  let asked = 0
  const ended = Promise.withResolvers<'ready' | 'refused'>()
  client.on('ready', () => ended.resolve('ready'))
  client.on('error', () => {})
  client.on('close', () => ended.resolve('refused'))
  client.connect({
    host: '127.0.0.1',
    port,
    username: (ways[0] as { username: string }).username,
    authHandler: (_methods, _partial, next) => {
      asked += 1
      next((left.shift() ?? false) as ssh2.AnyAuthMethod)
    },
  })
  return { outcome: await ended.promise, answers: asked - 1 }
}

const password = (username: string, word: string) => ({ type: 'password' as const, username, password: word })
const publickey = (username: string, key: string | ssh2.ParsedKey) => ({ type: 'publickey' as const, username, key })

/** Shows the public key of `claimed`, but signs with its own. */
function impostor(claimed: string, own: string): ssh2.ParsedKey {
  const [shown, signing] = [ssh2.utils.parseKey(claimed), ssh2.utils.parseKey(own)]
  if (shown instanceof Error || signing instanceof Error) throw new Error('no keys')
  return Object.assign(Object.create(signing), { getPublicSSH: () => shown.getPublicSSH() })
}

test('the right password lets in, and the login is noted', async () => {
  const { server, login } = await setUp()
  const { outcome } = await attempt(server.port, [password(login.username, login.password)])
  expect(outcome).toBe('ready')
})

test('a key of the account lets in, and only by its own signature', async () => {
  const { server, login, change } = await setUp()
  await change({ publicKeys: ['ssh-rsa AAAA of-another-kind', ours.public] })
  const before = new Date()
  expect(
    await attempt(server.port, [publickey(login.username, impostor(ours.private, stranger.private))]),
  ).toMatchObject({ outcome: 'refused' })
  expect(await attempt(server.port, [publickey(login.username, stranger.private)])).toMatchObject({
    outcome: 'refused',
  })
  const refused = await db
    .selectFrom('ftp_account')
    .select('last_login_at')
    .where('username', '=', login.username)
    .executeTakeFirst()
  expect(refused?.last_login_at?.getTime() ?? 0).toBeLessThan(before.getTime())
  expect(await attempt(server.port, [publickey(login.username, ours.private)])).toMatchObject({ outcome: 'ready' })
})

test('a key that a client offers in vain is no guess: the password behind it counts', async () => {
  const { server, login } = await setUp()
  const keys = Array.from({ length: 5 }, () => publickey(login.username, ed25519Keys().private))
  expect(await attempt(server.port, [...keys, password(login.username, login.password)])).toMatchObject({
    outcome: 'ready',
  })
})

test('an unknown user and a wrong password are refused alike, and the third try is the last', async () => {
  const { server, login } = await setUp()
  for (const username of [login.username, 'nobody-here', '', "o'brien\0"]) {
    const wrong = Array.from({ length: 5 }, () => password(username, 'wrong'))
    expect(await attempt(server.port, wrong), username).toEqual({ outcome: 'refused', answers: 2 })
  }
})

test('an unknown user and a wrong key are refused alike', async () => {
  const { server, login, change } = await setUp()
  await change({ publicKeys: [ours.public] })
  const tries = (username: string) =>
    attempt(server.port, [publickey(username, stranger.private), publickey(username, stranger.private)])
  expect(await tries(login.username)).toEqual(await tries('nobody-here'))
})

const shutOut: { title: string; changes: Parameters<typeof updateFtpAccount>[3] }[] = [
  { title: 'that is switched off', changes: { enabled: false } },
  { title: 'that may come from elsewhere only', changes: { allowedAddresses: ['192.0.2.0/24'] } },
]
for (const { title, changes } of shutOut)
  test(`an account ${title} is let in neither by password nor by key`, async () => {
    const { server, login, change } = await setUp()
    await change({ publicKeys: [ours.public], ...changes })
    expect(
      await attempt(server.port, [publickey(login.username, ours.private), password(login.username, login.password)]),
    ).toMatchObject({ outcome: 'refused' })
  })

test('an address that guesses too often is refused even with the right password', async () => {
  const { server, login } = await setUp({ access: { banAfter: 2 } })
  const wrong = password(login.username, 'wrong')
  expect(await attempt(server.port, [wrong, wrong, wrong])).toEqual({ outcome: 'refused', answers: 1 })
  expect(await attempt(server.port, [password(login.username, login.password)])).toMatchObject({ outcome: 'refused' })
})

test('a database out of reach is no wrong password: it ends the connection and counts for nothing', async () => {
  const away = new Proxy(db, {
    get: (target, name) =>
      name === 'selectFrom'
        ? () => {
            throw new Error('away')
          }
        : Reflect.get(target, name),
  })
  const { server, login } = await setUp({ db: away, access: { banAfter: 1 } })
  for (let count = 0; count < 2; count += 1)
    expect(await attempt(server.port, [password(login.username, login.password)])).toEqual({
      outcome: 'refused',
      answers: 0,
    })
})

test('connections over the limit of an address are closed, and free again when one ends', async () => {
  const { server, login } = await setUp({ access: { maxPerAddress: 1 } })
  const first = await connectSsh(server.port, { username: login.username, password: login.password })
  const second = connect(server.port, '127.0.0.1')
  await once(second, 'close')
  first.end()
  await once(first, 'close')
  await expect
    .poll(() => attempt(server.port, [password(login.username, login.password)]))
    .toMatchObject({ outcome: 'ready' })
})

test('sessions over the limit of an account are refused, and free again when one ends', async () => {
  const { server, login } = await setUp({ access: { maxPerAccount: 1 } })
  const first = await connectSsh(server.port, { username: login.username, password: login.password })
  expect(await attempt(server.port, [password(login.username, login.password)])).toEqual({
    outcome: 'refused',
    answers: 0,
  })
  first.end()
  await once(first, 'close')
  await expect
    .poll(() => attempt(server.port, [password(login.username, login.password)]))
    .toMatchObject({ outcome: 'ready' })
})

for (const { title, words } of [
  { title: 'says nothing', words: '' },
  { title: 'says only who it is', words: 'SSH-2.0-slow\r\n' },
])
  test(`a client that ${title} is cut when its time to log in is over`, async () => {
    const { server } = await setUp({ limits: { loginSeconds: 0.2, idleSeconds: 60 } })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume().write(words)
    await once(socket, 'close')
  })

test('a client that is idle is cut, one that has asked again meanwhile later', async () => {
  const { server, login } = await setUp({ limits: { loginSeconds: 30, idleSeconds: 0.3 } })
  const ssh = await connectSsh(server.port, { username: login.username, password: login.password })
  const closed = once(ssh, 'close')
  const client = await SftpClient.open(ssh)
  await client.call('stat', '/')
  await closed
})

const WEAK: { title: string; algorithms: ssh2.Algorithms }[] = [
  { title: 'a key exchange by SHA-1', algorithms: { kex: ['diffie-hellman-group14-sha1'] } },
  { title: 'a MAC by SHA-1', algorithms: { cipher: ['aes128-ctr'], hmac: ['hmac-sha1'] } },
  { title: 'CBC', algorithms: { cipher: ['aes128-cbc'] } },
]
for (const { title, algorithms } of WEAK)
  test(`${title} is not offered`, async () => {
    const { server, login } = await setUp()
    await expect(
      connectSsh(server.port, { username: login.username, password: login.password, algorithms }),
    ).rejects.toThrow('no matching')
  })

test('old clients are served by the RSA host key', async () => {
  const { server, login } = await setUp()
  await connectSsh(server.port, {
    username: login.username,
    password: login.password,
    algorithms: { serverHostKey: ['rsa-sha2-256'] },
  })
})

test('host keys are made once, and their fingerprints are those that clients show', async () => {
  const folder = join(folders.teams(), '..', 'keys')
  expect(await loadHostKeys(folder)).toEqual(hostKeys)
  const { server, login } = await setUp()
  const shown: string[] = []
  await connectSsh(server.port, {
    username: login.username,
    password: login.password,
    hostHash: 'sha256',
    hostVerifier: (hash: string) =>
      shown.push(`SHA256:${Buffer.from(hash, 'hex').toString('base64').replace(/=+$/, '')}`) > 0,
  })
  expect(hostKeys.fingerprints).toContain(shown[0])
})
