import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createSecureContext, connect as tlsConnect } from 'node:tls'
import { expect, test, vi } from 'vitest'
import type { FileArea } from '../../../files/file-area.ts'
import type { TeamPath } from '../../../model/team-path.ts'
import type { FtpOptions } from '../../../server/ftp/ftp-options.ts'
import { DataTlsSocket } from '../../../server/ftp/transfers/close-notify.ts'
import { readsDirectly } from '../../../server/ftp/transfers/direct-reads.ts'
import { receiving } from '../../../server/receiving/upload-content.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { overlaid, serverFolders, startServer, teamLogin } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const CONTENT = randomBytes((3 << 20) + 4321)

type Version = 'TLSv1.2' | 'TLSv1.3'

async function setUp(options: Partial<FtpOptions> = {}) {
  const login = await teamLogin(db)
  const tls = { mode: 'optional', server: folders.tls() } as const
  const server = await startServer({ db, team: login.team, teams: folders.teams(), tls, ...options })
  const client = async (version?: Version) => {
    const made = await RawClient.open(server.port)
    if (version) {
      await made.send('AUTH TLS')
      await made.startTls()
    }
    await made.login(login)
    return made
  }
  const latest = async () => (await latestUploads(db, login.team.id, 1))[0]
  return { login, server, client, latest }
}

/** A file area whose disk is slower than the network. */
function slow(area: () => FileArea): FileArea {
  const receive = async () => {
    const pending = await area().receive()
    const append = pending.append.bind(pending)
    pending.append = async (bytes) => {
      for (let turn = 0; turn < 50; turn++) await setImmediate()
      await append(bytes)
    }
    return pending
  }
  return new Proxy({} as FileArea, { get: (_, key) => Reflect.get(overlaid(area(), { receive }), key) })
}

async function begin(client: RawClient, version?: Version): Promise<Socket> {
  const raw = await client.data()
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  if (!version) return raw
  const data = tlsConnect({ socket: raw, rejectUnauthorized: false, minVersion: version, maxVersion: version })
  data.on('error', () => {})
  await once(data, 'secureConnect')
  return data
}

/** In pieces of any size, as networks cut them. */
async function send(data: Socket, content: Buffer): Promise<void> {
  for (let at = 0; at < content.length; ) {
    const bytes = 1 + ((at * 7919) % 70_000)
    if (!data.write(content.subarray(at, at + bytes))) await once(data, 'drain')
    at += bytes
  }
}

async function stored(area: FileArea, path = '/a.csv'): Promise<Buffer> {
  const file = await area.open(path as TeamPath)
  const chunks: Buffer[] = []
  for await (const chunk of file.read()) chunks.push(chunk)
  await file.close()
  return Buffer.concat(chunks)
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

for (const version of [undefined, 'TLSv1.2', 'TLSv1.3'] as const)
  for (const disk of ['quick', 'slow'] as const)
    test(`a large file over ${version ?? 'clear TCP'} onto a ${disk} disk is stored and hashed as sent`, async () => {
      const given = await setUp({
        ...(disk === 'slow' && { fileAreaOf: () => slow(() => given.server.area) }),
      })
      const client = await given.client(version)
      const data = await begin(client, version)
      await send(data, CONTENT)
      data.end()
      expect(await client.reply()).toMatch(/^226/)
      await client.send('NOOP')
      expect((await stored(given.server.area)).equals(CONTENT)).toBe(true)
      expect(await given.latest()).toMatchObject({ bytes: CONTENT.length, sha256: sha256(CONTENT) })
    })

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  for (const disk of ['quick', 'slow'] as const)
    test(`a large file over ${version} onto a ${disk} disk that is cut without close_notify is refused`, async () => {
      const given = await setUp({
        ...(disk === 'slow' && { fileAreaOf: () => slow(() => given.server.area) }),
      })
      const client = await given.client(version)
      const raw = await client.data()
      expect(await client.send('STOR a.csv')).toMatch(/^150/)
      const data = tlsConnect({ socket: raw, rejectUnauthorized: false, minVersion: version, maxVersion: version })
      data.on('error', () => {})
      await once(data, 'secureConnect')
      await send(data, CONTENT)
      await new Promise((resolve) => data.write('', resolve))
      raw.end()
      expect(await client.reply()).toBe('426 TLS connection cut off: close_notify missing.')
    })

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`a large file over ${version} from a client that never reads is stored on a slow disk`, async () => {
    const given = await setUp({ fileAreaOf: () => slow(() => given.server.area) })
    const client = await given.client(version)
    const raw = await client.data()
    expect(await client.send('STOR a.csv')).toMatch(/^150/)
    const [near, far] = duplexPair()
    raw.pipe(far)
    far.pipe(raw, { end: false })
    const data = tlsConnect({ socket: near, rejectUnauthorized: false, minVersion: version, maxVersion: version })
    await once(data, 'secureConnect')
    // To pause it is not enough: what comes would still be read, if not used.
    ;(raw as unknown as { _handle: { readStop(): void } })._handle.readStop()
    await send(data, CONTENT)
    data.end()
    await once(far, 'end')
    await new Promise((resolve) => raw.write('', resolve))
    // The system resets a connection that is closed with unread bytes, and with it what it has not sent yet.
    raw.destroy()
    expect(await client.reply()).toMatch(/^226/)
    await client.send('NOOP')
    expect((await stored(given.server.area)).equals(CONTENT)).toBe(true)
  })

test('a large file that breaks off is kept to its last byte, and continued to a right hash', async () => {
  const given = await setUp()
  const cut = await given.client()
  const sent = 1_234_567
  const data = await begin(cut)
  await send(data, CONTENT.subarray(0, sent))
  cut.socket.end()
  data.end()
  await vi.waitFor(async () => expect(await given.latest()).toMatchObject({ state: 'incomplete' }))
  const { bytes = 0 } = (await given.latest()) ?? {}
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThanOrEqual(sent)
  const client = await given.client()
  const rest = await client.data()
  await client.send(`REST ${bytes}`)
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  await send(rest, CONTENT.subarray(bytes))
  rest.end()
  expect(await client.reply()).toMatch(/^226/)
  await client.send('NOOP')
  expect((await stored(given.server.area)).equals(CONTENT)).toBe(true)
  expect(await given.latest()).toMatchObject({ bytes: CONTENT.length, sha256: sha256(CONTENT) })
})

test('an upload whose hashing thread dies is broken, and the next one has another thread', async () => {
  const shared = receiving()
  const given = await setUp({ receiving: shared })
  const client = await given.client()
  await client.store('a.csv', 'earlier')
  await client.send('NOOP')
  const data = await begin(client)
  await send(data, CONTENT.subarray(0, 2 << 20))
  await vi.waitFor(() => expect(shared.hashes.running).toBe(1))
  await shared.hashes.stop()
  data.end(CONTENT.subarray(2 << 20))
  expect(await client.reply()).toMatch(/^4\d\d /)
  await client.send('NOOP')
  expect((await stored(given.server.area)).toString()).toBe('earlier')
  const again = await begin(client)
  await send(again, CONTENT)
  again.end()
  expect(await client.reply()).toMatch(/^226/)
  await vi.waitFor(async () => expect(await given.latest()).toMatchObject({ sha256: sha256(CONTENT) }))
})

test('many large uploads at once are each stored and hashed as they were sent', async () => {
  const given = await setUp()
  const many = Array.from({ length: 30 }, (_, at) => CONTENT.subarray(at, (1 << 20) + at * 1000))
  await Promise.all(
    many.map(async (content, at) => {
      const client = await given.client()
      const data = await client.data()
      expect(await client.send(`STOR ${at}.csv`)).toMatch(/^150/)
      await send(data, content)
      data.end()
      expect(await client.reply()).toMatch(/^226/)
      await client.send('NOOP')
    }),
  )
  const known = new Map((await latestUploads(db, given.login.team.id, 30)).map(({ path, sha256 }) => [path, sha256]))
  for (const [at, content] of many.entries()) expect(known.get(`/${at}.csv` as TeamPath)).toBe(sha256(content))
})

test('the sockets of this Node can be read directly, with TLS and without', async () => {
  const { promise, resolve } = Promise.withResolvers<Socket>()
  const server = createServer(resolve).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const socket = await promise
  expect(readsDirectly(socket)).toBe(true)
  const secure = new DataTlsSocket(socket, { isServer: true, secureContext: createSecureContext() })
  expect(readsDirectly(secure)).toBe(true)
  secure.destroy()
  client.destroy()
  server.close()
})
