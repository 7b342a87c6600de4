import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { beforeAll, expect, test, vi } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { UploadState } from '../../model/upload.ts'
import { type HostKeys, loadHostKeys } from '../../server/sftp/host-keys.ts'
import type { SftpOptions } from '../../server/sftp/options.ts'
import type { FtpPermissions } from '../../store/accounts.ts'
import { latestUploads, presentUploads, setVerdict } from '../../store/uploads.ts'
import { testDatabase } from '../support/database.ts'
import { addAccount, names, overlaid, serverFolders, teamLogin, textOf } from './ftp-server.ts'
import { connectSsh, SftpClient, startSftp } from './sftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()
let hostKeys: HostKeys
beforeAll(async () => {
  hostKeys = await loadHostKeys(join(folders.teams(), '..', 'keys'))
})

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

async function setUp(permissions: FtpPermissions = 'full', options: Partial<SftpOptions> = {}) {
  const login = await teamLogin(db, permissions)
  const server = await startSftp({ db, team: login.team, teams: folders.teams(), hostKeys, ...options })
  const state = async (): Promise<UploadState | undefined> => (await latestUploads(db, login.team.id, 1))[0]?.state
  const becomes = (wanted: UploadState) =>
    vi.waitFor(async () => expect(await state()).toBe(wanted), { timeout: 10_000 })
  return { server, login, state, becomes }
}

async function loggedIn({
  server,
  login,
}: Pick<Awaited<ReturnType<typeof setUp>>, 'server'> & { login: { username: string; password: string } }) {
  const ssh = await connectSsh(server.port, { username: login.username, password: login.password })
  const client = await SftpClient.open(ssh)
  return Object.assign(client, { ssh })
}

test('a file is ready when its handle is closed, and the ledger knows its bytes', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
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

test('an empty file can be uploaded', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
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
    const given = await setUp()
    await (await loggedIn(given)).put('/a.csv', 'earlier\n')
    const client = await loggedIn(given)
    const handle = await client.call('open', '/a.csv', 'w')
    await client.call('write', handle, Buffer.from('half of it'), 0, 10, 0)
    die(client.ssh, client)
    await given.becomes('incomplete')
    expect(await textOf(given.server.area, '/a.csv')).toBe('earlier\n')
    expect(await given.server.area.pending()).toEqual([])
    expect(given.server.ready).toEqual(['/a.csv'])
  })

test('of two uploads to one name the one closed last stands, whole', async () => {
  const given = await setUp()
  const [a, b] = [await loggedIn(given), await loggedIn(given)]
  const [first, second] = [await a.call('open', '/x.csv', 'w'), await b.call('open', '/x.csv', 'w')]
  await a.call('write', first, Buffer.from('aaaa\n'), 0, 5, 0)
  await b.call('write', second, Buffer.from('bb\n'), 0, 3, 0)
  await b.call('close', second)
  await a.call('close', first)
  expect(await textOf(given.server.area, '/x.csv')).toBe('aaaa\n')
  expect(await presentUploads(db, given.login.team.id)).toHaveLength(1)
})

test('writes that come out of order are put in order', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  const handle = await client.call('open', '/a.csv', 'w')
  for (const at of [4, 2, 0]) await client.call('write', handle, Buffer.from('aabbcc'), at, 2, at)
  await client.call('close', handle)
  expect(await textOf(given.server.area, '/a.csv')).toBe('aabbcc')
})

test('a file with a gap is not taken', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('write', handle, Buffer.from('later'), 0, 5, 10)
  await expect(client.call('close', handle)).rejects.toThrow('not received whole')
  await given.becomes('incomplete')
  expect(await names(given.server.area)).toEqual([])
})

test('bytes written twice, or far ahead, or a changed length spoil the upload', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  const spoils: ((handle: Buffer) => Promise<unknown>)[] = [
    (handle) => client.call('write', handle, Buffer.from('x'), 0, 1, 0),
    (handle) => client.call('write', handle, Buffer.from('x'), 0, 1, 1 << 30),
    (handle) => client.call('fsetstat', handle, { size: 1 }),
  ]
  for (const spoil of spoils) {
    const handle = await client.call('open', '/a.csv', 'w')
    await client.call('write', handle, Buffer.from('whole'), 0, 5, 0)
    await expect(spoil(handle)).rejects.toMatchObject({ code: STATUS_CODE.OP_UNSUPPORTED })
    await expect(client.call('close', handle)).rejects.toThrow('not received whole')
  }
  expect(given.server.ready).toEqual([])
})

test('what would continue or change a file is refused with a sentence', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.put('/a.csv', 'first')
  for (const flags of ['a', 'r+', OPEN_MODE.WRITE | OPEN_MODE.CREAT, OPEN_MODE.READ | OPEN_MODE.WRITE])
    await expect(client.call('open', '/a.csv', flags)).rejects.toMatchObject({
      code: STATUS_CODE.OP_UNSUPPORTED,
      message: expect.stringContaining('send the whole file'),
    })
  await expect(client.call('open', '/a.csv', 'wx')).rejects.toThrow('This name is taken.')
  await expect(client.call('setstat', '/a.csv', { size: 0 })).rejects.toThrow('cut off')
  expect(await client.get('/a.csv')).toBe('first')
})

test('more files than the quota are refused before the data come', async () => {
  const given = await setUp()
  await db.updateTable('team').set({ quota_files: 1 }).where('id', '=', given.login.team.id).execute()
  const client = await loggedIn(given)
  await client.put('/a.csv', 'one')
  await expect(client.put('/b.csv', 'two')).rejects.toThrow('This team may keep 1 files; remove some.')
  await client.put('/a.csv', 'three')
  expect(await textOf(given.server.area, '/a.csv')).toBe('three')
})

test('an upload is refused while less than a twentieth of the disk is free', async () => {
  const space = { freeBytes: 49, totalBytes: 1000 }
  const given = await setUp('full', {
    fileAreaOf: ({ team }) => overlaid(diskFileArea(join(folders.teams(), team)), { space: async () => space }),
  })
  const client = await loggedIn(given)
  await expect(client.put('/a.csv', 'one')).rejects.toThrow('There is no space left.')
  space.freeBytes = 51
  await client.put('/a.csv', 'one')
  expect(await names(given.server.area)).toEqual(['a.csv'])
})

test('a team over its quota is told so, and what stood there before stays', async () => {
  const given = await setUp()
  await db.updateTable('team').set({ quota_bytes: 10 }).where('id', '=', given.login.team.id).execute()
  const client = await loggedIn(given)
  await client.put('/a.csv', 'earlier')
  const handle = await client.call('open', '/b.csv', 'w')
  await expect(client.call('write', handle, Buffer.alloc(100), 0, 100, 0)).rejects.toThrow('may keep 10 bytes')
  await expect(client.call('close', handle)).rejects.toThrow('not received whole')
  expect(await names(given.server.area)).toEqual(['a.csv'])
})

test('what accounts do is kept in the audit', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
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

test('times and modes are taken and change nothing', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  const handle = await client.call('open', '/a.csv', 'w')
  await client.call('fsetstat', handle, { mode: 0o777 })
  await client.call('close', handle)
  await client.call('utimes', '/a.csv', 1, 1)
  await client.call('chmod', '/a.csv', 0o777)
  const { mode, mtime } = await client.call('stat', '/a.csv')
  expect(mode & 0o777).toBe(0o640)
  expect(mtime).toBeGreaterThan(1_000_000)
})

test('a file sent under a temporary name arrives when it is renamed', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
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
  const given = await setUp()
  const client = await loggedIn(given)
  await client.put('/a.csv', 'a')
  await client.put('/b.csv', 'b')
  await expect(client.call('rename', '/a.csv', '/b.csv')).rejects.toThrow('This name is taken.')
  await client.call('ext_openssh_rename', '/a.csv', '/b.csv')
  expect(await names(given.server.area)).toEqual(['b.csv'])
  expect(await client.get('/b.csv')).toBe('a')
})

test('folders are made, listed in batches and removed when they are empty', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.call('mkdir', '/in')
  await expect(client.call('mkdir', '/in')).rejects.toThrow('This name is taken.')
  const many = Array.from({ length: 300 }, (_, index) => `file-${index}.csv`)
  for (const name of many) await writeFile(join(given.server.root, 'in', name), 'x')
  const listed: { filename: string; longname: string }[] = await client.call('readdir', '/in')
  expect(listed.map(({ filename }) => filename).sort()).toEqual([...many].sort())
  expect(listed[0]?.longname).toMatch(/^-rw-r----- 1 ftp ftp +1 /)
  await expect(client.call('rmdir', '/in')).rejects.toThrow('The folder is not empty.')
  await client.call('mkdir', '/out')
  await client.call('rmdir', '/out')
  await expect(client.call('readdir', '/out')).rejects.toMatchObject({ code: STATUS_CODE.NO_SUCH_FILE })
  await expect(client.call('rmdir', '/')).rejects.toMatchObject({ code: STATUS_CODE.PERMISSION_DENIED })
})

test('a large file is read back as it was sent, from any offset', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  const content = randomBytes(1_500_000)
  await mkdir(given.server.root, { recursive: true })
  await writeFile(join(given.server.root, 'big.bin'), content)
  expect((await client.call('readFile', '/big.bin')).equals(content)).toBe(true)
  const handle = await client.call('open', '/big.bin', 'r')
  const buffer = Buffer.alloc(100)
  await client.call('read', handle, buffer, 0, 100, 1_000_000)
  expect(buffer.equals(content.subarray(1_000_000, 1_000_100))).toBe(true)
  await expect(client.call('write', handle, buffer, 0, 100, 0)).rejects.toThrow('opened for something else')
})

test('nothing outside the root can be reached, and no link is followed or made', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
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
  const given = await setUp()
  const client = await loggedIn(given)
  for (const call of ['stat', 'readdir', 'unlink', 'rmdir', 'mkdir'] as const) {
    const path = call === 'mkdir' ? '/none/x' : '/none'
    const error: Error = await client.call(call, path).then(
      () => new Error('done'),
      (reason) => reason,
    )
    expect(error.message).toBe('No such file or folder.')
  }
})

test('an account that may only upload reaches its own uploads alone', async () => {
  const given = await setUp('upload')
  const other = await addAccount(db, given.login.team.id, `${given.login.username}.other`, 'upload')
  const [mine, theirs] = [await loggedIn(given), await loggedIn({ ...given, login: other })]
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
  const given = await setUp()
  const { ssh } = await loggedIn(given)
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

test('stopping lets an upload be closed, takes no new one, and ends idle clients at once', async () => {
  const given = await setUp()
  const idle = await loggedIn(given)
  const client = await loggedIn(given)
  const handle = await client.call('open', '/a.csv', 'w')
  const idleEnded = once(idle.ssh, 'close')
  const stopped = given.server.stop()
  await idleEnded
  await client.call('write', handle, Buffer.from('whole'), 0, 5, 0)
  await expect(client.call('open', '/b.csv', 'w')).rejects.toThrow('The service is stopping')
  await client.call('close', handle)
  await stopped
  expect(await textOf(given.server.area, '/a.csv')).toBe('whole')
})

test('stopping lets a file that is being read be read to its end', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.put('/a.csv', 'whole')
  const handle = await client.call('open', '/a.csv', 'r')
  const stopped = given.server.stop()
  const buffer = Buffer.alloc(5)
  await client.call('read', handle, buffer, 0, 5, 0)
  await client.call('close', handle)
  await stopped
  expect(buffer.toString()).toBe('whole')
})

test('many clients upload at the same time, and each file is whole', async () => {
  const given = await setUp()
  const contents = Array.from({ length: 20 }, () => randomBytes(1_000_000))
  await Promise.all(
    contents.map(async (content, index) => {
      const client = await loggedIn(given)
      await client.call('writeFile', `/${index}.bin`, content)
      client.ssh.end()
    }),
  )
  const uploads = await presentUploads(db, given.login.team.id)
  expect(uploads.map(({ sha256 }) => sha256).sort()).toEqual(
    contents.map((content) => createHash('sha256').update(content).digest('hex')).sort(),
  )
})

test('a client that breaks the protocol ends alone', async () => {
  const given = await setUp()
  const good = await loggedIn(given)
  const bad = await loggedIn(given)
  const raw = bad.sftp as unknown as { outgoing: { id: number } }
  const { _protocol } = bad.ssh as unknown as { _protocol: { channelData(id: number, data: Buffer): void } }
  const closed = once(bad.sftp, 'close')
  _protocol.channelData(raw.outgoing.id, Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]))
  await closed
  await good.put('/a.csv', 'a')
  expect(given.server.ready).toEqual(['/a.csv'])
})

test('a client has no more than 64 handles open', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  for (let count = 0; count < 64; count += 1) await client.call('opendir', '/')
  await expect(client.call('opendir', '/')).rejects.toThrow('Too many files are open')
})
