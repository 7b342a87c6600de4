import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { presentUploads } from '../../../store/uploads/find-uploads.ts'
import { setVerdict } from '../../../store/uploads/verdict.ts'
import { testDatabase } from '../../support/database.ts'
import { addAccount, names, serverFolders, textOf } from '../support/ftp-server.ts'
import { sftpGiver } from '../support/sftp-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const sftp = sftpGiver(db, folders)
const { STATUS_CODE } = ssh2.utils.sftp

test('nothing outside the root can be reached, and no link is followed or made', async () => {
  const given = await sftp()
  const client = await given.client()
  await mkdir(join(given.server.root, '..', 'other'), { recursive: true })
  await writeFile(join(given.server.root, '..', 'other', 'secret.csv'), 'secret')
  await client.put('/a.csv', 'a')
  await symlink(join(given.server.root, '..', 'other'), join(given.server.root, 'link'))
  await symlink(join(given.server.root, '..', 'other', 'secret.csv'), join(given.server.root, 'link.csv'))
  expect(await client.call('realpath', '../../etc/./passwd')).toBe('/etc/passwd')
  expect(await client.call('realpath', '.')).toBe('/')
  for (const path of [
    '../other/secret.csv',
    '/../other/secret.csv',
    '/link/secret.csv',
    '/link.csv',
    '/.rosterport/x',
    '/a\\b',
    '/a\0b',
    '/a\nb',
  ])
    for (const attempt of [
      () => client.get(path),
      () => client.put(path, 'x'),
      () => client.call('unlink', path),
      () => client.call('rename', path, '/taken.csv'),
    ])
      await expect(attempt(), path).rejects.toThrow()
  await expect(client.call('symlink', '/a.csv', '/b.csv')).rejects.toMatchObject({ code: STATUS_CODE.OP_UNSUPPORTED })
  await expect(client.call('readlink', '/link.csv')).rejects.toMatchObject({ code: STATUS_CODE.OP_UNSUPPORTED })
  await expect(client.call('ext_openssh_hardlink', '/a.csv', '/b.csv')).rejects.toThrow()
  expect(await names(given.server.area)).toEqual(['a.csv'])
})

test('no answer holds a real path', async () => {
  const given = await sftp()
  const client = await given.client()
  for (const call of ['stat', 'readdir', 'unlink', 'rmdir', 'mkdir'] as const) {
    const path = call === 'mkdir' ? '/none/x' : '/none'
    const error: Error = await client.call(call, path).then(
      () => new Error('done'),
      (reason) => reason,
    )
    expect(error.message).toBe('No such file or directory.')
  }
})

test('an account that may only upload reaches its own uploads alone', async () => {
  const given = await sftp('upload')
  const other = await addAccount(db, given.login.team.id, `${given.login.username}.other`, 'upload')
  const [mine, theirs] = [await given.client(), await given.client(other)]
  await mine.put('/mine.csv', 'mine')
  await theirs.put('/theirs.csv', 'theirs')
  expect(await mine.get('/mine.csv')).toBe('mine')
  const [{ id } = { id: '' }] = (await presentUploads(db, given.login.team.id)).filter(
    ({ path }) => path === '/mine.csv',
  )
  await setVerdict(db, id, { verdict: 'imported', reason: null })
  await expect(mine.get('/mine.csv')).rejects.toMatchObject({ code: STATUS_CODE.PERMISSION_DENIED })
  for (const attempt of [
    () => mine.get('/theirs.csv'),
    () => mine.put('/theirs.csv', 'x'),
    () => mine.call('unlink', '/theirs.csv'),
    () => mine.call('rename', '/theirs.csv', '/taken.csv'),
    () => mine.call('ext_openssh_rename', '/mine.csv', '/theirs.csv'),
    () => mine.call('ext_openssh_rename', '/mine.csv', '/renamed.csv'),
    () => mine.call('rename', '/mine.csv', '/renamed.csv'),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: STATUS_CODE.PERMISSION_DENIED })
  expect(await textOf(given.server.area, '/theirs.csv')).toBe('theirs')
  expect(await names(given.server.area)).toEqual(['mine.csv', 'theirs.csv'])
  await mine.put('/mine.csv', 'of today')
  await mine.call('rename', '/mine.csv', '/renamed.csv')
  expect(await mine.get('/renamed.csv')).toBe('of today')
})

test('no shell, no command, no forwarding and no terminal is given', async () => {
  const given = await sftp()
  const { ssh } = await given.client()
  const call = (name: 'shell' | 'exec' | 'forwardOut' | 'forwardIn' | 'subsys', ...values: unknown[]) =>
    new Promise((resolve, reject) => {
      const method = ssh[name] as (...all: unknown[]) => void
      method.call(ssh, ...values, (error: Error | undefined, answer: unknown) =>
        error ? reject(error) : resolve(answer),
      )
    })
  await expect(call('shell')).rejects.toThrow()
  await expect(call('shell', false)).rejects.toThrow()
  await expect(call('exec', 'id')).rejects.toThrow()
  await expect(call('subsys', 'netconf')).rejects.toThrow()
  await expect(call('forwardOut', '127.0.0.1', 1, '127.0.0.1', 22)).rejects.toThrow()
  await expect(call('forwardIn', '127.0.0.1', 0)).rejects.toThrow()
})

test('a client that breaks the protocol ends alone', async () => {
  const given = await sftp()
  const good = await given.client()
  const bad = await given.client()
  const raw = bad.sftp as unknown as { outgoing: { id: number } }
  const { _protocol } = bad.ssh as unknown as { _protocol: { channelData(id: number, data: Buffer): void } }
  const closed = once(bad.sftp, 'close')
  _protocol.channelData(raw.outgoing.id, Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]))
  await closed
  await good.put('/a.csv', 'a')
  expect(given.server.ready).toEqual(['/a.csv'])
})

test('a client has no more than 64 handles open', async () => {
  const given = await sftp()
  const client = await given.client()
  for (let count = 0; count < 64; count += 1) await client.call('opendir', '/')
  await expect(client.call('opendir', '/')).rejects.toThrow('Too many open files')
})

test('stopping lets an upload be closed, takes no new one, and ends idle clients at once', async () => {
  const given = await sftp()
  const idle = await given.client()
  const client = await given.client()
  const handle = await client.call('open', '/a.csv', 'w')
  const idleEnded = once(idle.ssh, 'close')
  const stopped = given.server.stop()
  await idleEnded
  await client.call('write', handle, Buffer.from('whole'), 0, 5, 0)
  await expect(client.call('open', '/b.csv', 'w')).rejects.toThrow('Service shutting down')
  await client.call('close', handle)
  await stopped
  expect(await textOf(given.server.area, '/a.csv')).toBe('whole')
})

test('stopping lets a file that is being read be read to its end', async () => {
  const given = await sftp()
  const client = await given.client()
  await client.put('/a.csv', 'whole')
  const handle = await client.call('open', '/a.csv', 'r')
  const stopped = given.server.stop()
  const buffer = Buffer.alloc(5)
  await client.call('read', handle, buffer, 0, 5, 0)
  await client.call('close', handle)
  await stopped
  expect(buffer.toString()).toBe('whole')
})
