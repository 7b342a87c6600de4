import { join } from 'node:path'
import ssh2 from 'ssh2'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { AccessGuard } from '../../../server/access-guard.ts'
import { type HostKeys, loadHostKeys } from '../../../server/sftp/host-keys.ts'
import { listAudit } from '../../../store/audit.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { behindDoor } from '../support/database-door.ts'
import { NO_LIMITS, serverFolders, startServer, type TeamLogin, teamLogin, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { connectSsh, SftpClient, startSftp } from '../support/sftp-server.ts'

const database = testDatabase()
const { db } = database
const folders = serverFolders()
let hostKeys: HostKeys
beforeAll(async () => {
  hostKeys = await loadHostKeys(join(folders.teams(), '..', 'keys'))
})

type Credentials = Pick<TeamLogin, 'username' | 'password'>

function sshTo(port: number, { username, password }: Credentials): Promise<ssh2.Client> {
  return connectSsh(port, { username, password })
}

/** Whether one of these passwords, tried on one connection, lets in. */
async function letsIn(port: number, username: string, passwords: string[]): Promise<boolean> {
  const client = new ssh2.Client()
  onTestFinished(() => void client.destroy())
  const ended = Promise.withResolvers<boolean>()
  client.on('ready', () => ended.resolve(true))
  client.on('error', () => {})
  client.on('close', () => ended.resolve(false))
  const left = [...passwords]
  client.connect({
    host: '127.0.0.1',
    port,
    username,
    authHandler: (_methods, _partial, next) => {
      const password = left.shift()
      next(password === undefined ? (false as never) : { type: 'password', username, password })
    },
  })
  return ended.promise
}

/** FTP and SFTP for one team, behind one guard. */
async function bothEndpoints(banAfter: number) {
  const login = await teamLogin(db)
  const access = new AccessGuard({ ...NO_LIMITS, banAfter })
  const given = { db, team: login.team, teams: folders.teams(), access }
  const ftp = await startServer({ ...given, tls: { mode: 'off' } })
  const sftp = await startSftp({ ...given, hostKeys })
  return { login, access, ftp, sftp }
}

test('a session over SFTP that comes too soon is cut before its handshake, and its requests take turns', async () => {
  const login = await teamLogin(db)
  const beginning = { burst: 1, perSecond: 0.001 }
  const access = new AccessGuard({ ...NO_LIMITS, beginning })
  const turns = vi.spyOn(access, 'waitToAsk')
  const sftp = await startSftp({ db, team: login.team, teams: folders.teams(), access, hostKeys })
  const files = await SftpClient.open(await sshTo(sftp.port, login))
  const before = turns.mock.calls.length
  await files.call('mkdir', '/a')
  expect(turns.mock.calls.slice(before)).toEqual([[login.team.id]])
  expect(await letsIn(sftp.port, login.username, [login.password])).toBe(false)
})

test('failed logins over SFTP and FTP count together, and ban from both', async () => {
  const { login, access, ftp, sftp } = await bothEndpoints(3)
  expect(await letsIn(sftp.port, login.username, ['guess', 'guess'])).toBe(false)
  expect(access.isBanned('127.0.0.1')).toBe(false)
  const client = await RawClient.open(ftp.port)
  expect(await client.login({ username: login.username, password: 'guess' })).toBe('421 Too many login failures.')
  expect(access.isBanned('127.0.0.1')).toBe(true)
  expect(await letsIn(sftp.port, login.username, [login.password])).toBe(false)
})

test('a banned address is refused over SFTP; the account at home there still gets in, no other does', async () => {
  const { login, access, sftp } = await bothEndpoints(1)
  await sshTo(sftp.port, login)
  access.failed('127.0.0.1')
  expect(access.isBanned('127.0.0.1')).toBe(true)
  const stranger = await teamLogin(db)
  expect(await letsIn(sftp.port, stranger.username, [stranger.password])).toBe(false)
  expect(await letsIn(sftp.port, login.username, [login.password])).toBe(true)
})

test('refused logins, a ban and a broken upload over SFTP are kept in the audit', async () => {
  const { login, sftp } = await bothEndpoints(2)
  const ssh = await sshTo(sftp.port, login)
  const client = await SftpClient.open(ssh)
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('write', handle, Buffer.from('half'), 0, 4, 0)
  ssh.destroy()
  expect(await letsIn(sftp.port, 'nobody-over-sftp', ['guess', 'guess'])).toBe(false)
  await vi.waitFor(async () => {
    const all = (await listAudit(db, 'all', { limit: 50 })).items
    const guesses = all.filter(({ actor }) => actor === 'nobody-over-sftp')
    expect(guesses.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'ftp.ban 127.0.0.1',
      'ftp.login-failed 127.0.0.1',
      'ftp.login-failed 127.0.0.1',
    ])
    expect(all.filter(({ actor }) => actor === login.username)[0]).toMatchObject({
      action: 'ftp.upload-incomplete',
      subject: '/a.csv',
      details: { protocol: 'sftp', bytes: 4, reason: 'Connection closed before the file was closed.' },
    })
  })
})

test('an upload over SFTP goes on while the database is away, and enters the ledger afterwards', async () => {
  const { away, shut, open } = await behindDoor(database)
  const login = await teamLogin(db)
  const server = await startSftp({ db: away, team: login.team, teams: folders.teams(), hostKeys })
  const client = await SftpClient.open(await sshTo(server.port, login))
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('write', handle, Buffer.from('one\n'), 0, 4, 0)
  shut()
  await client.call('close', handle)
  expect(await textOf(server.area, '/a.csv')).toBe('one\n')
  expect(await server.area.notes()).toHaveLength(1)
  const latest = async () => (await latestUploads(db, login.team.id, 1))[0]
  expect(await latest()).not.toMatchObject({ state: 'ready' })
  open()
  await vi.waitFor(
    async () => expect(await latest()).toMatchObject({ state: 'ready', verdict: 'waiting', bytes: 4, source: 'sftp' }),
    { timeout: 10_000, interval: 100 },
  )
  await vi.waitFor(async () => expect(await server.area.notes()).toEqual([]))
  expect(server.ready).toEqual(['/a.csv'])
})
