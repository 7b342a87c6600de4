import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { expect, test, vi } from 'vitest'
import { presentUploads } from '../../../store/uploads/find-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { names, serverFolders, textOf } from '../support/ftp-server.ts'
import { sftpGiver } from '../support/sftp-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const sftp = sftpGiver(db, folders)
const { STATUS_CODE } = ssh2.utils.sftp

test('modes are taken and change nothing, times are set', async () => {
  const given = await sftp()
  const client = await given.client()
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('fsetstat', handle, { mode: 0o777 })
  await client.call('close', handle)
  await client.call('utimes', '/a.csv', 1, 1)
  await client.call('chmod', '/a.csv', 0o777)
  const { mode, mtime } = await client.call('stat', '/a.csv')
  expect(mode & 0o777).toBe(0o640)
  expect(mtime).toBe(1)
})

test('a file sent under a temporary name arrives when it is renamed', async () => {
  const given = await sftp()
  const client = await given.client()
  await client.put('/StudentData.csv', 'old')
  await client.put('/StudentData.csv.filepart', 'new')
  // As WinSCP does it: remove, then rename.
  await client.call('unlink', '/StudentData.csv')
  await client.call('rename', '/StudentData.csv.filepart', '/StudentData.csv')
  expect(given.server.ready.at(-1)).toBe('/StudentData.csv')
  expect(await textOf(given.server.area, '/StudentData.csv')).toBe('new')
  expect((await presentUploads(db, given.login.team.id)).map(({ path }) => path)).toEqual(['/StudentData.csv'])
})

test('a rename does not overwrite; posix-rename@openssh.com does', async () => {
  const given = await sftp()
  const client = await given.client()
  await client.put('/a.csv', 'a')
  await client.put('/b.csv', 'b')
  await expect(client.call('rename', '/a.csv', '/b.csv')).rejects.toThrow('File already exists.')
  await client.call('ext_openssh_rename', '/a.csv', '/b.csv')
  expect(await names(given.server.area)).toEqual(['b.csv'])
  expect(await client.get('/b.csv')).toBe('a')
})

test('folders are made, listed in batches and removed when they are empty', async () => {
  const given = await sftp()
  const client = await given.client()
  await client.call('mkdir', '/in')
  await expect(client.call('mkdir', '/in')).rejects.toThrow('File already exists.')
  const many = Array.from({ length: 300 }, (_, index) => `file-${index}.csv`)
  for (const name of many) await writeFile(join(given.server.root, 'in', name), 'x')
  const listed: { filename: string; longname: string }[] = await client.call('readdir', '/in')
  expect(listed.map(({ filename }) => filename).sort()).toEqual([...many].sort())
  expect(listed[0]?.longname).toMatch(/^-rw-r----- 1 ftp ftp +1 /)
  await expect(client.call('rmdir', '/in')).rejects.toThrow('Directory not empty.')
  await client.call('mkdir', '/out')
  await client.call('rmdir', '/out')
  await expect(client.call('readdir', '/out')).rejects.toMatchObject({ code: STATUS_CODE.NO_SUCH_FILE })
  await expect(client.call('rmdir', '/')).rejects.toMatchObject({ code: STATUS_CODE.PERMISSION_DENIED })
})

test('a large file is read back as it was sent, from any offset', async () => {
  const given = await sftp()
  const client = await given.client()
  const content = randomBytes(1_500_000)
  await mkdir(given.server.root, { recursive: true })
  await writeFile(join(given.server.root, 'big.bin'), content)
  expect((await client.call('readFile', '/big.bin')).equals(content)).toBe(true)
  const handle = await client.call('open', '/big.bin', 'r')
  const buffer = Buffer.alloc(100)
  await client.call('read', handle, buffer, 0, 100, 1_000_000)
  expect(buffer.equals(content.subarray(1_000_000, 1_000_100))).toBe(true)
  await expect(client.call('write', handle, buffer, 0, 100, 0)).rejects.toThrow('Invalid handle for this request')
})

test('what accounts do is kept in the audit', async () => {
  const given = await sftp()
  const client = await given.client()
  await client.put('/a.csv', 'a')
  await client.call('rename', '/a.csv', '/b.csv')
  await client.call('unlink', '/b.csv')
  const actions = () =>
    db.selectFrom('audit').select('action').where('team_id', '=', given.login.team.id).orderBy('id').execute()
  await vi.waitFor(
    async () =>
      expect((await actions()).map(({ action }) => action)).toEqual([
        'ftp.login',
        'ftp.upload',
        'ftp.rename',
        'ftp.delete',
      ]),
    { timeout: 5000 },
  )
})
