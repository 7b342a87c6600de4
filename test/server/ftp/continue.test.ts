import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { given } from '../support/ftp-client.ts'
import { addAccount, names, serverFolders, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

/** A server where an upload of `half` to a.csv has broken off, over `earlier` where that is given. */
async function broken({ earlier, half = 'half' }: { earlier?: string; half?: string }) {
  const started = await given(db, folders)
  const client = await started.client()
  if (earlier !== undefined) {
    await client.store('a.csv', earlier)
    await client.send('NOOP')
  }
  const cut = await started.client()
  const data = await cut.beginStore('a.csv', half)
  data.end()
  cut.socket.end()
  await vi.waitFor(async () =>
    expect((await latestUploads(db, started.login.team.id, 1))[0]).toMatchObject({
      state: 'incomplete',
      bytes: half.length,
    }),
  )
  return { ...started, client }
}

test('APPE makes a file where there is none, and continues the one that is there', async () => {
  const { server, client, login } = await given(db, folders).then(async (made) => ({
    ...made,
    client: await made.client(),
  }))
  expect(await client.store('a.csv', 'one\n', 'APPE')).toBe('226 Transfer complete.')
  expect(await client.store('a.csv', 'two\n', 'APPE')).toBe('226 Transfer complete.')
  expect(await textOf(server.area, '/a.csv')).toBe('one\n')
  expect(await client.send('SIZE a.csv')).toBe('213 8')
  expect(await textOf(server.area, '/a.csv')).toBe('one\ntwo\n')
  const [upload] = await latestUploads(db, login.team.id, 1)
  expect(upload).toMatchObject({ bytes: 8, sha256: createHash('sha256').update('one\ntwo\n').digest('hex') })
})

test('REST and STOR keep the beginning and replace the rest', async () => {
  const { server, client } = await given(db, folders).then(async (made) => ({ ...made, client: await made.client() }))
  await client.store('a.csv', '0123456789')
  expect(await client.send('REST 4')).toBe('350 Restart position accepted (4).')
  expect(await client.store('a.csv', 'AB')).toBe('226 Transfer complete.')
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('0123AB')
})

for (const at of [5, 1_000_000_000_000])
  test(`REST ${at} past the end is refused, and nothing is made`, async () => {
    const { server, client } = await broken({})
    await client.dataPort()
    await client.send(`REST ${at}`)
    expect(await client.send('STOR a.csv')).toBe(
      '554 Restart offset is past the end of the file (4 bytes); send the whole file.',
    )
    expect(await names(server.area)).toEqual([])
  })

test('REST counts for the next transfer alone', async () => {
  const { server, client } = await given(db, folders).then(async (made) => ({ ...made, client: await made.client() }))
  await client.store('a.csv', 'old')
  await client.send('REST 2')
  await client.send('PWD')
  await client.store('a.csv', 'new')
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('new')
})

test('an interrupted upload is continued from its size, and the earlier file stands until it is whole', async () => {
  const { server, client } = await broken({ earlier: 'yesterday, and longer\n' })
  expect(await textOf(server.area, '/a.csv')).toBe('yesterday, and longer\n')
  await client.send('TYPE A')
  expect(await client.send('SIZE a.csv')).toBe('550 Resuming this upload requires TYPE I.')
  await client.send('TYPE I')
  expect(await client.send('SIZE a.csv')).toBe('213 4')
  await client.send('REST 4')
  expect(await client.store('a.csv', ' and half\n')).toBe('226 Transfer complete.')
  expect(await textOf(server.area, '/a.csv')).toBe('yesterday, and longer\n')
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('half and half\n')
  await vi.waitFor(async () => expect(await server.area.pending()).toEqual([]))
})

test('APPE continues an interrupted upload whose SIZE this session was told', async () => {
  const { server, client } = await broken({})
  expect(await client.send('SIZE a.csv')).toBe('213 4')
  expect(await client.store('a.csv', ' done\n', 'APPE')).toBe('226 Transfer complete.')
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('half done\n')
})

test('APPE of a client that was not told of the interrupted upload begins a new file', async () => {
  const { server, client } = await broken({})
  expect(await client.store('a.csv', 'whole\n', 'APPE')).toBe('226 Transfer complete.')
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('whole\n')
})

test('a continuation that breaks off too can be continued again', async () => {
  const { server, client, client: first, login } = await broken({})
  const cut = await RawClient.open(server.port)
  await cut.login(login)
  await cut.send('REST 4')
  const data = await cut.beginStore('a.csv', ' and')
  data.resetAndDestroy()
  expect(await cut.reply()).toBe('426 Connection closed; transfer aborted.')
  await vi.waitFor(async () => expect(await first.send('SIZE a.csv')).toBe('213 8'))
  expect(await server.area.pending()).toHaveLength(1)
  await client.send('REST 8')
  await client.store('a.csv', ' half\n')
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('half and half\n')
})

test('a whole upload ends what was interrupted before it', async () => {
  const { server, client } = await broken({})
  await client.store('a.csv', 'whole\n')
  expect(await client.send('SIZE a.csv')).toBe('213 6')
  await vi.waitFor(async () => expect(await server.area.pending()).toEqual([]))
})

test('nobody else continues an interrupted upload', async () => {
  const { server, login } = await broken({})
  const other = await RawClient.open(server.port)
  await other.login(await addAccount(db, login.team.id, `${login.username}2`, 'full'))
  expect(await other.send('SIZE a.csv')).toBe('550 No such file or directory.')
  await other.send('REST 4')
  await other.dataPort()
  await other.send('REST 4')
  expect(await other.send('STOR a.csv')).toMatch(/^554/)
})

test('an account that may only upload continues no file of another, nor one that is imported', async () => {
  const started = await given(db, folders)
  const owner = await started.client()
  await owner.store('secret.csv', 'secret\n')
  await owner.send('NOOP')
  const other = await RawClient.open(started.server.port)
  await other.login(await addAccount(db, started.login.team.id, `${started.login.username}2`, 'upload'))
  await other.dataPort()
  const refusal = '553 Permission denied: this account may replace only its own uploads.'
  expect(await other.send('APPE secret.csv')).toBe(refusal)
  await other.send('REST 3')
  expect(await other.send('STOR secret.csv')).toBe(refusal)
  await other.store('own.csv', 'one\n')
  await other.send('NOOP')
  await db.updateTable('upload').set({ verdict: 'imported' }).where('path', '=', '/own.csv').execute()
  expect(await other.send('APPE own.csv')).toMatch(/^553 .* not imported yet\.$/)
})

test('STOU makes a name of its own each time, and tells it', async () => {
  const { server, client } = await given(db, folders).then(async (made) => ({ ...made, client: await made.client() }))
  const told: string[] = []
  for (const command of ['STOU StudentData.csv', 'STOU StudentData.csv', 'STOU']) {
    const data = await client.data()
    const reply = await client.send(command)
    expect(reply).toMatch(/^150 FILE: (StudentData\.[0-9a-f]{16}\.csv|upload\.[0-9a-f]{16})$/)
    told.push(reply.slice('150 FILE: '.length))
    data.end('one\n')
    expect(await client.reply()).toBe('226 Transfer complete.')
  }
  await client.send('NOOP')
  expect(new Set(told).size).toBe(3)
  expect(await names(server.area)).toEqual(told.sort())
  await client.send('REST 4')
  expect(await client.send('STOU')).toBe('450 REST applies to STOR and RETR only.')
})
