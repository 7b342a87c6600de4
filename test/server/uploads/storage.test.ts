import { expect, test, vi } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { type FileArea, FileProblem } from '../../../files/file-area.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { given } from '../support/ftp-client.ts'
import { names, overlaid, serverFolders, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

async function withQuota(quota: { quota_bytes?: number; quota_files?: number }) {
  const started = await given(db, folders)
  await db.updateTable('team').set(quota).where('id', '=', started.login.team.id).execute()
  return { ...started, client: await started.client(), another: started.client }
}

test('an upload past the quota of its team is refused with 552, and nothing is kept of it', async () => {
  const { server, client } = await withQuota({ quota_bytes: 10 })
  expect(await client.store('a.csv', '0123456')).toMatch(/^226/)
  await client.send('NOOP')
  const data = await client.beginStore('b.csv', '4567')
  data.end()
  expect(await client.reply()).toBe('552 This team may keep 10 bytes; remove some files.')
  expect(await names(server.area)).toEqual(['a.csv'])
  await vi.waitFor(async () => expect(await server.area.pending()).toEqual([]))
})

test('what an upload replaces does not count, and what was removed makes room', async () => {
  const { client } = await withQuota({ quota_bytes: 10 })
  expect(await client.store('a.csv', '0123456')).toMatch(/^226/)
  expect(await client.store('a.csv', '01234567')).toMatch(/^226/)
  await client.send('DELE a.csv')
  await vi.waitFor(async () => expect(await client.store('b.csv', '01234567')).toMatch(/^226/), { timeout: 5000 })
})

test('more files than the quota are refused before the data come; replacing one is not', async () => {
  const { client } = await withQuota({ quota_files: 1 })
  await client.store('a.csv', 'one')
  await client.send('NOOP')
  await client.dataPort()
  expect(await client.send('STOR b.csv')).toBe('552 This team may keep 1 files; remove some.')
  expect(await client.store('a.csv', 'two')).toMatch(/^226/)
})

test('folders count as files of the quota, also many at once, and one that was removed makes room', async () => {
  const started = await withQuota({ quota_files: 5 })
  expect(await started.client.store('a.csv', 'one')).toMatch(/^226/)
  const clients = await Promise.all(Array.from({ length: 4 }, () => started.another()))
  const told = await Promise.all(
    clients.map(async (client, at) => [await client.send(`MKD in-${at}`), await client.send(`MKD in-${at}/more`)]),
  )
  const made = told.flat().filter((reply) => reply.startsWith('257'))
  expect(made).toHaveLength(4)
  expect(await started.client.send('MKD last')).toBe('552 This team may keep 5 files and folders; remove some.')
  const [, path] = /"(.+)"/.exec(made.at(-1) ?? '') ?? []
  expect(await started.client.send(`RMD ${path}`)).toMatch(/^250/)
  await vi.waitFor(async () => expect(await started.client.send('MKD last')).toMatch(/^257/), { timeout: 5000 })
})

test('no folder is made on a disk that is full', async () => {
  const { client } = await onDisk({ space: async () => ({ freeBytes: 49, totalBytes: 1000 }) })
  expect(await client.send('MKD in')).toMatch(/^452/)
})

test('AVBL tells what the quota leaves', async () => {
  const { client } = await withQuota({ quota_bytes: 10 })
  await client.store('a.csv', '0123')
  expect(await client.send('AVBL')).toBe('213 6')
})

/** The file area of a server, on a disk of which the test says what it has left. */
async function onDisk(disk: Partial<FileArea>) {
  let area: FileArea | undefined
  const started = await given(db, folders, {
    fileAreaOf: (team) => {
      area ??= overlaid(diskFileArea(`${folders.teams()}/${team.team}`), disk)
      return area
    },
  })
  return { ...started, client: await started.client() }
}

test('an upload is refused with 452 while less than a twentieth of the disk is free', async () => {
  const space = { freeBytes: 49, totalBytes: 1000 }
  const { client, server } = await onDisk({ space: async () => space })
  await client.dataPort()
  expect(await client.send('STOR a.csv')).toBe('452 Insufficient storage space.')
  space.freeBytes = 51
  expect(await client.store('a.csv', 'one')).toMatch(/^226/)
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('one')
})

test('an upload that fills the disk is refused with 452, and leaves the earlier file and nothing of itself', async () => {
  let full = false
  const started = await given(db, folders)
  const receive = async () => {
    const pending = await started.server.area.receive()
    const append = pending.append.bind(pending)
    pending.append = (bytes) => (full ? Promise.reject(new FileProblem('no-space', '/')) : append(bytes))
    return pending
  }
  const fileAreaOf = () => overlaid(started.server.area, { receive })
  const { server } = await given(db, folders, { fileAreaOf })
  const client = await RawClient.open(server.port)
  await client.login(started.login)
  await client.store('a.csv', 'earlier')
  await client.send('NOOP')
  full = true
  const data = await client.data()
  await client.send('STOR a.csv')
  data.write(Buffer.alloc(1 << 20, 'half'))
  expect(await client.reply()).toBe('452 Insufficient storage space.')
  expect(await textOf(started.server.area, '/a.csv')).toBe('earlier')
  await vi.waitFor(async () => expect(await started.server.area.pending()).toEqual([]))
  await vi.waitFor(async () =>
    expect((await latestUploads(db, started.login.team.id, 1))[0]).toMatchObject({ state: 'incomplete' }),
  )
})
