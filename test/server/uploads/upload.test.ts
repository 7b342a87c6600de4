import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { FileProblem, type FileProblemKind } from '../../../files/file-area.ts'
import type { TeamPath } from '../../../model/team-path.ts'
import type { UploadState } from '../../../model/upload.ts'
import type { FtpTls } from '../../../server/ftp/ftp-options.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { names, serverFolders, startServer, teamLogin, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

/** How long a stopping server waits for a word of a client that has uploaded. */
const LAST_WORD = 1500

const { db } = testDatabase()
const folders = serverFolders()

async function setUp(mode: FtpTls['mode'] = 'off', options: Partial<Parameters<typeof startServer>[0]> = {}) {
  const login = await teamLogin(db)
  const tls: FtpTls = mode === 'off' ? { mode } : { mode, server: folders.tls() }
  const server = await startServer({ db, team: login.team, teams: folders.teams(), tls, ...options })
  const state = async (): Promise<UploadState | undefined> => (await latestUploads(db, login.team.id, 1))[0]?.state
  const becomes = (wanted: UploadState) =>
    vi.waitFor(async () => expect(await state()).toBe(wanted), { timeout: 10_000 })
  return { server, login, state, becomes }
}

async function loggedIn({ server, login }: Awaited<ReturnType<typeof setUp>>): Promise<RawClient> {
  const client = await RawClient.open(server.port)
  expect(await client.login(login)).toMatch(/^230/)
  return client
}

for (const mode of ['required', 'implicit'] as const)
  test(`a real client uploads over ${mode} TLS, and the file is ready after its next command`, async () => {
    const { server, login } = await setUp(mode)
    const client = new Client()
    const content = Buffer.alloc(5_000_000, 'Student ID,First\r\n')
    await client.access({
      host: '127.0.0.1',
      port: server.port,
      user: login.username,
      password: login.password,
      secure: mode === 'implicit' ? 'implicit' : true,
      secureOptions: { rejectUnauthorized: false },
    })
    await client.uploadFrom(Readable.from([content]), 'StudentData.csv')
    await client.send('NOOP')
    client.close()
    expect(server.ready).toEqual(['/StudentData.csv'])
    const [upload] = await latestUploads(db, login.team.id, 1)
    expect(upload).toMatchObject({
      state: 'ready',
      verdict: 'waiting',
      bytes: content.length,
      source: mode === 'implicit' ? 'ftps' : 'ftp',
      account: login.username,
      sha256: createHash('sha256').update(content).digest('hex'),
    })
    expect((await server.area.stat('/StudentData.csv' as TeamPath)).identity).toEqual(upload?.identity)
  })

test('an upload is hidden and unconfirmed after 226, and in place before the next command is executed', async () => {
  const given = await setUp('off', { describeUpload: async () => 'It will be imported in the next window.' })
  const client = await loggedIn(given)
  expect(await client.store('a.csv', 'one\n')).toBe('226 Transfer complete. It will be imported in the next window.')
  expect(await given.state()).toBe('unconfirmed')
  expect(await names(given.server.area)).toEqual([])
  expect(await client.send('SIZE a.csv')).toBe('213 4')
  expect(await given.state()).toBe('ready')
})

test('an upload is ready when its control connection is still open 10 seconds later', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.store('a.csv', 'one\n')
  const ready = given.server.nextReady()
  given.server.passTime()
  expect(await ready).toBe('/a.csv')
  expect(await textOf(given.server.area, '/a.csv')).toBe('one\n')
})

/** Refuses to give the next upload its name, so many times. */
function refuseName({ server }: Awaited<ReturnType<typeof setUp>>, kind: FileProblemKind, times = 1): void {
  const receive = server.area.receive.bind(server.area)
  vi.spyOn(server.area, 'receive').mockImplementationOnce(async (...given) => {
    const pending = await receive(...given)
    const publish = vi.spyOn(pending, 'publish')
    for (let time = 0; time < times; time++) publish.mockRejectedValueOnce(new FileProblem(kind, '/a.csv'))
    return pending
  })
}

test('an upload that was told 226 gets its name as soon as the full disk has room for it', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  refuseName(given, 'no-space')
  await client.store('a.csv', 'one\n')
  expect(await client.send('QUIT')).toMatch(/^221/)
  expect(await given.state()).toBe('unconfirmed')
  const ready = given.server.nextReady()
  given.server.passTime()
  expect(await ready).toBe('/a.csv')
  expect(await textOf(given.server.area, '/a.csv')).toBe('one\n')
})

test('an upload that gets its name too late does not replace a newer one', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  refuseName(given, 'no-space', 2)
  await client.store('a.csv', 'older\n')
  await client.send('NOOP')
  await client.store('a.csv', 'newer\n')
  await client.send('NOOP')
  given.server.passTime()
  await vi.waitFor(async () =>
    expect((await latestUploads(db, given.login.team.id, 2)).map(({ state }) => state)).toEqual([
      'ready',
      'incomplete',
    ]),
  )
  expect(await textOf(given.server.area, '/a.csv')).toBe('newer\n')
})

test('QUIT confirms an upload', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.store('a.csv', 'one\n')
  expect(await client.send('QUIT')).toMatch(/^221/)
  expect(given.server.ready).toEqual(['/a.csv'])
})

const deaths: { title: string; die: (client: RawClient, data: Socket) => unknown }[] = [
  { title: 'both connections end', die: (client, data) => [data.end(), client.socket.end()] },
  {
    title: 'both connections are reset',
    die: (client, data) => [data.resetAndDestroy(), client.socket.resetAndDestroy()],
  },
  { title: 'the data connection alone is reset', die: (_, data) => data.resetAndDestroy() },
  { title: 'the control connection alone ends', die: (client) => client.socket.end() },
  { title: 'the control connection alone is reset', die: (client) => client.socket.resetAndDestroy() },
  { title: 'the client aborts', die: (client) => client.write('ABOR\r\n') },
  {
    title: 'the client aborts with telnet signals',
    die: (client) => client.write(Buffer.from('\xff\xf4\xff\xf2ABOR\r\n', 'latin1')),
  },
]
for (const { title, die } of deaths)
  test(`when ${title} nothing is published and the earlier file stays`, async () => {
    const given = await setUp()
    const first = await loggedIn(given)
    await first.store('a.csv', 'earlier\n')
    await first.send('NOOP')
    const client = await loggedIn(given)
    const data = await client.beginStore('a.csv', 'half of it')
    die(client, data)
    await given.becomes('incomplete')
    expect(await textOf(given.server.area, '/a.csv')).toBe('earlier\n')
    expect(await names(given.server.area)).toEqual(['a.csv'])
    expect(given.server.ready).toEqual(['/a.csv'])
  })

test('ABOR in a transfer is answered at once: 426 for the transfer, 226 for itself', async () => {
  const client = await loggedIn(await setUp())
  await client.beginStore('a.csv', 'half')
  client.write('ABOR\r\n')
  expect(await client.reply()).toMatch(/^426/)
  expect(await client.reply()).toMatch(/^226/)
})

test('a folder removed between 226 and the confirmation is made again', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.send('MKD in')
  await client.store('in/a.csv', 'one\n')
  await given.server.area.removeFolder('/in' as TeamPath)
  await client.send('NOOP')
  expect(await textOf(given.server.area, '/in/a.csv')).toBe('one\n')
})

test('of two uploads to one name the one confirmed last stands, whole', async () => {
  const given = await setUp()
  const [a, b] = [await loggedIn(given), await loggedIn(given)]
  const [dataA, dataB] = [await a.beginStore('x.csv', 'aaaa\n'), await b.beginStore('x.csv', 'bb\n')]
  dataB.end()
  expect(await b.reply()).toMatch(/^226/)
  await b.send('NOOP')
  dataA.end()
  expect(await a.reply()).toMatch(/^226/)
  await a.send('NOOP')
  expect(await textOf(given.server.area, '/x.csv')).toBe('aaaa\n')
  const uploads = await latestUploads(db, given.login.team.id, 10)
  expect(uploads.map(({ state }) => state)).toEqual(['ready', 'ready'])
  const present = await sql`select 1 from upload where team_id = ${given.login.team.id} and gone_at is null`.execute(db)
  expect(present.rows).toHaveLength(1)
})

test('a client that opens no data connection is told 425, and nothing is left', async () => {
  const given = await setUp('off', { limits: { loginSeconds: 30, idleSeconds: 60, stallSeconds: 0.05 } })
  const client = await loggedIn(given)
  expect(await client.send('STOR a.csv')).toMatch(/^425/)
  await client.send('EPSV')
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  expect(await client.reply()).toMatch(/^425/)
  expect(await given.server.area.pending()).toEqual([])
})

test('a stalled upload is cut, and nothing is published', async () => {
  const given = await setUp('off', { limits: { loginSeconds: 30, idleSeconds: 60, stallSeconds: 0.1 } })
  const client = await loggedIn(given)
  await client.beginStore('a.csv', 'half')
  expect(await client.reply()).toBe('426 Data connection timed out.')
  await given.becomes('incomplete')
})

test('stopping lets a transfer end and be confirmed, and tells idle clients 421', async () => {
  const given = await setUp()
  const idle = await loggedIn(given)
  const client = await loggedIn(given)
  const data = await client.beginStore('a.csv', 'one')
  const stopped = given.server.stop()
  expect(await idle.reply()).toMatch(/^421/)
  data.end('\n')
  expect(await client.reply()).toMatch(/^226/)
  expect(await client.send('NOOP')).toMatch(/^421/)
  await stopped
  expect(await textOf(given.server.area, '/a.csv')).toBe('one\n')
})

test('stopping does not wait for a client that says nothing behind its upload; the next start decides', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.store('a.csv', 'one\n')
  const stopped = given.server.stop()
  given.server.passTime(LAST_WORD)
  expect(await client.reply()).toBe('421 Service shutting down.')
  await stopped
  expect(await given.state()).toBe('unconfirmed')
  expect(await given.server.area.pending()).toHaveLength(1)
})

test('more commands than are read at once, sent before the end of the data, vouch for nothing', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  const data = await client.data()
  client.write(`STOR a.csv\r\n${'NOOP\r\n'.repeat(2000)}`)
  expect(await client.reply()).toMatch(/^150/)
  await new Promise((resolve) => data.write('half', resolve))
  data.end()
  client.socket.destroy()
  await given.becomes('incomplete')
  expect(await names(given.server.area)).toEqual([])
})
