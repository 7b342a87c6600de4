import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { TeamPath } from '../../../model/team-path.ts'
import { presentUploads } from '../../../store/uploads/find-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { names, overlaid, serverFolders, textOf } from '../support/ftp-server.ts'
import { sftpGiver } from '../support/sftp-client.ts'
import type { SftpClient } from '../support/sftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()
const sftp = sftpGiver(db, folders)
const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

test('a file is ready when its handle is closed, and the ledger knows its bytes', async () => {
  const given = await sftp()
  const client = await given.client()
  const content = randomBytes(3_000_000)
  const handle = await client.call('open', '/StudentData.csv', 'w')
  for (let at = 0; at < content.length; at += 32_768)
    await client.call('write', handle, content, at, Math.min(32_768, content.length - at), at)
  expect(await names(given.server.area)).toEqual([])
  await given.becomes('receiving')
  await client.call('close', handle)
  expect(given.server.ready).toEqual(['/StudentData.csv'])
  const [upload] = await latestUploads(db, given.login.team.id, 1)
  expect(upload).toMatchObject({
    state: 'ready',
    verdict: 'waiting',
    bytes: content.length,
    source: 'sftp',
    account: given.login.username,
    address: '127.0.0.1',
    sha256: createHash('sha256').update(content).digest('hex'),
  })
  expect((await given.server.area.stat('/StudentData.csv' as TeamPath)).identity).toEqual(upload?.identity)
})

test('times that a client sets by path or by handle are those that it reads', async () => {
  const given = await sftp()
  const client = await given.client()
  const mtime = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('write', handle, Buffer.from('one\n'), 0, 4, 0)
  await client.call('futimes', handle, mtime, mtime)
  expect((await client.call('fstat', handle)).mtime).toBe(mtime)
  await client.call('close', handle)
  expect((await client.call('stat', '/a.csv')).mtime).toBe(mtime)
  await client.call('utimes', '/a.csv', mtime + 60, mtime + 60)
  expect((await client.call('stat', '/a.csv')).mtime).toBe(mtime + 60)
  await client.call('mkdir', '/in')
  await client.call('utimes', '/in', mtime, mtime)
  expect((await client.call('stat', '/in')).mtime).toBe(mtime)
  expect(await latestUploads(db, given.login.team.id, 2)).toHaveLength(1)
})

test('an upload that an import has moved before its time is set is told as stored', async () => {
  const given = await sftp('full', {
    fileAreaOf({ team }) {
      const area = diskFileArea(join(folders.teams(), team))
      return overlaid(area, { setModified: (path, at) => area.setModified(`${path}.moved` as TeamPath, at) })
    },
  })
  const client = await given.client()
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('write', handle, Buffer.from('one\n'), 0, 4, 0)
  await client.call('futimes', handle, 1_000_000_000, 1_000_000_000)
  await client.call('close', handle)
  expect(await names(given.server.area)).toEqual(['a.csv'])
})

test('an empty file can be uploaded', async () => {
  const given = await sftp()
  const client = await given.client()
  await client.put('/empty.csv', '')
  expect((await given.server.area.stat('/empty.csv' as TeamPath)).bytes).toBe(0)
})

const deaths: { title: string; die: (ssh: ssh2.Client, client: SftpClient) => unknown }[] = [
  {
    title: 'the connection is reset',
    die: (ssh) => (ssh as unknown as { _sock: import('node:net').Socket })._sock.resetAndDestroy(),
  },
  { title: 'the connection is closed', die: (ssh) => ssh.end() },
  { title: 'the channel is closed', die: (_, { sftp }) => sftp.end() },
]
for (const { title, die } of deaths)
  test(`when ${title} with a handle open nothing is published and the earlier file stays`, async () => {
    const given = await sftp()
    await (await given.client()).put('/a.csv', 'earlier\n')
    const client = await given.client()
    const handle = await client.call('open', '/a.csv', 'w')
    await client.call('write', handle, Buffer.from('half of it'), 0, 10, 0)
    die(client.ssh, client)
    await given.becomes('incomplete')
    expect(await textOf(given.server.area, '/a.csv')).toBe('earlier\n')
    expect(await given.server.area.pending()).toEqual([])
    expect(given.server.ready).toEqual(['/a.csv'])
  })

test('of two uploads to one name the one closed last stands, whole', async () => {
  const given = await sftp()
  const [a, b] = [await given.client(), await given.client()]
  const [first, second] = [await a.call('open', '/x.csv', 'w'), await b.call('open', '/x.csv', 'w')]
  await a.call('write', first, Buffer.from('aaaa\n'), 0, 5, 0)
  await b.call('write', second, Buffer.from('bb\n'), 0, 3, 0)
  await b.call('close', second)
  await a.call('close', first)
  expect(await textOf(given.server.area, '/x.csv')).toBe('aaaa\n')
  expect(await presentUploads(db, given.login.team.id)).toHaveLength(1)
})

test('writes that come out of order are put in order', async () => {
  const given = await sftp()
  const client = await given.client()
  const handle = await client.call('open', '/a.csv', 'w')
  for (const at of [4, 2, 0]) await client.call('write', handle, Buffer.from('aabbcc'), at, 2, at)
  await client.call('close', handle)
  expect(await textOf(given.server.area, '/a.csv')).toBe('aabbcc')
})

test('a file with a gap is not taken', async () => {
  const given = await sftp()
  const client = await given.client()
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('write', handle, Buffer.from('later'), 0, 5, 10)
  await expect(client.call('close', handle)).rejects.toThrow('File incomplete')
  await given.becomes('incomplete')
  expect(await names(given.server.area)).toEqual([])
})

test('bytes written twice, or far ahead, or a changed length spoil the upload', async () => {
  const given = await sftp()
  const client = await given.client()
  const spoils: ((handle: Buffer) => Promise<unknown>)[] = [
    (handle) => client.call('write', handle, Buffer.from('x'), 0, 1, 0),
    (handle) => client.call('write', handle, Buffer.from('x'), 0, 1, 1 << 30),
    (handle) => client.call('fsetstat', handle, { size: 1 }),
  ]
  for (const spoil of spoils) {
    const handle = await client.call('open', '/a.csv', 'w')
    await client.call('write', handle, Buffer.from('whole'), 0, 5, 0)
    await expect(spoil(handle)).rejects.toMatchObject({ code: STATUS_CODE.OP_UNSUPPORTED })
    await expect(client.call('close', handle)).rejects.toThrow('File incomplete')
  }
  expect(given.server.ready).toEqual([])
})

test('what would continue or change a file is refused with a sentence', async () => {
  const given = await sftp()
  const client = await given.client()
  await client.put('/a.csv', 'first')
  for (const flags of ['a', 'r+', OPEN_MODE.WRITE | OPEN_MODE.CREAT, OPEN_MODE.READ | OPEN_MODE.WRITE])
    await expect(client.call('open', '/a.csv', flags)).rejects.toMatchObject({
      code: STATUS_CODE.OP_UNSUPPORTED,
      message: expect.stringContaining('send the whole file'),
    })
  await expect(client.call('open', '/a.csv', 'wx')).rejects.toThrow('File already exists.')
  await expect(client.call('setstat', '/a.csv', { size: 0 })).rejects.toThrow(
    'Changing the size of a file is not supported',
  )
  expect(await client.get('/a.csv')).toBe('first')
})

test('many clients upload at the same time, and each file is whole', async () => {
  const given = await sftp()
  const contents = Array.from({ length: 20 }, () => randomBytes(1_000_000))
  await Promise.all(
    contents.map(async (content, index) => {
      const client = await given.client()
      await client.call('writeFile', `/${index}.bin`, content)
      client.ssh.end()
    }),
  )
  const uploads = await presentUploads(db, given.login.team.id)
  expect(uploads.map(({ sha256 }) => sha256).sort()).toEqual(
    contents.map((content) => createHash('sha256').update(content).digest('hex')).sort(),
  )
})

test('more files than the quota are refused before the data come', async () => {
  const given = await sftp()
  await db.updateTable('team').set({ quota_files: 1 }).where('id', '=', given.login.team.id).execute()
  const client = await given.client()
  await client.put('/a.csv', 'one')
  await expect(client.put('/b.csv', 'two')).rejects.toThrow('This team may keep 1 files; remove some.')
  await client.put('/a.csv', 'three')
  expect(await textOf(given.server.area, '/a.csv')).toBe('three')
})

test('folders count as files of the quota', async () => {
  const given = await sftp()
  await db.updateTable('team').set({ quota_files: 2 }).where('id', '=', given.login.team.id).execute()
  const client = await given.client()
  await client.put('/a.csv', 'one')
  await client.call('mkdir', '/in')
  await expect(client.call('mkdir', '/more')).rejects.toThrow('This team may keep 2 files and folders; remove some.')
})

test('an upload is refused while less than a twentieth of the disk is free', async () => {
  const space = { freeBytes: 49, totalBytes: 1000 }
  const given = await sftp('full', {
    fileAreaOf: ({ team }) => overlaid(diskFileArea(join(folders.teams(), team)), { space: async () => space }),
  })
  const client = await given.client()
  await expect(client.put('/a.csv', 'one')).rejects.toThrow('Insufficient storage space.')
  space.freeBytes = 51
  await client.put('/a.csv', 'one')
  expect(await names(given.server.area)).toEqual(['a.csv'])
})

test('a team over its quota is told so, and what stood there before stays', async () => {
  const given = await sftp()
  await db.updateTable('team').set({ quota_bytes: 10 }).where('id', '=', given.login.team.id).execute()
  const client = await given.client()
  await client.put('/a.csv', 'earlier')
  const handle = await client.call('open', '/b.csv', 'w')
  await expect(client.call('write', handle, Buffer.alloc(100), 0, 100, 0)).rejects.toThrow('may keep 10 bytes')
  await expect(client.call('close', handle)).rejects.toThrow('File incomplete')
  expect(await names(given.server.area)).toEqual(['a.csv'])
})
