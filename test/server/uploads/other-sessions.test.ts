import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { teamPath } from '../../../model/team-path.ts'
import { loadHostKeys } from '../../../server/sftp/host-keys.ts'
import { UnconfirmedUploads } from '../../../server/uploads/unconfirmed-uploads.ts'
import { presentUpload } from '../../../store/uploads/find-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { given } from '../support/ftp-client.ts'
import { addAccount, names, serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { connectSsh, SftpClient, startSftp } from '../support/sftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

async function uploaded(options: Parameters<typeof given>[2] & { path?: string } = {}) {
  const { path = 'a.csv', ...others } = options
  const started = await given(db, folders, others)
  const [first, second] = [await started.client(), await started.client()]
  if (path.includes('/')) await first.send(`MKD ${path.split('/')[0]}`)
  expect(await first.store(path, 'one\n')).toMatch(/^226/)
  const state = async () => (await latestUploads(db, started.login.team.id, 1))[0]?.state
  expect(await state()).toBe('unconfirmed')
  return { ...started, first, second, state }
}

for (const command of ['LIST', 'NLST', 'MLSD'])
  test(`${command} of another session shows the upload and confirms nothing`, async () => {
    const { server, second, state } = await uploaded()
    expect((await second.fetch(command)).content).toContain('a.csv')
    expect(await state()).toBe('unconfirmed')
    expect(await names(server.area)).toEqual([])
  })

const commands: [string, RegExp][] = [
  ['SIZE a.csv', /^213 4$/],
  ['MDTM a.csv', /^213/],
  ['MFMT 20260102030405 a.csv', /^213/],
  ['MLST a.csv', /^250/],
  ['STAT a.csv', /^213/],
  ['RNFR /a.csv', /^350/],
  ['SITE CHMOD 644 ./a.csv', /^202/],
  ['DELE a.csv', /^250/],
]
for (const [command, answer] of commands)
  test(`${command} of another session of the account finds the upload and confirms it`, async () => {
    const { second, server, state } = await uploaded()
    expect(await second.send(command)).toMatch(answer)
    expect(await state()).toBe('ready')
    expect(await names(server.area)).toEqual(command.startsWith('DELE') ? [] : ['a.csv'])
  })

test('another session renames the upload, and the ledger follows', async () => {
  const { second, login, server } = await uploaded()
  expect(await second.send('RNFR a.csv')).toMatch(/^350/)
  expect(await second.send('RNTO b.csv')).toMatch(/^250/)
  expect(await names(server.area)).toEqual(['b.csv'])
  const found = await presentUpload(db, login.team.id, teamPath('/b.csv'))
  expect(found).toMatchObject({ source: 'ftp', account: login.username, verdict: 'waiting' })
})

test('another account sees nothing of it, and confirms nothing', async () => {
  const { server, login, state } = await uploaded()
  const other = await RawClient.open(server.port)
  await other.login(await addAccount(db, login.team.id, `${login.username}2`, 'full'))
  expect((await other.fetch('NLST')).content).toBe('')
  expect(await other.send('SIZE a.csv')).toMatch(/^550/)
  expect(await state()).toBe('unconfirmed')
})

test('a name that only ends alike confirms nothing', async () => {
  const { second, state } = await uploaded()
  for (const command of ['SIZE my a.csv', 'CWD x a.csv', 'CLNT a.csv']) await second.send(command)
  expect(await state()).toBe('unconfirmed')
})

test('an upload whose client closed behind the 226 is there for its account while its last record decides', async () => {
  const asked = Promise.withResolvers<void>()
  const decided = Promise.withResolvers<boolean>()
  const mayTakeName = () => {
    asked.resolve()
    return decided.promise
  }
  const { first, second } = await uploaded({ mayTakeName })
  first.socket.end()
  await asked.promise
  for (const command of ['LIST', 'NLST', 'MLSD']) expect((await second.fetch(command)).content).toContain('a.csv')
  const size = second.send('SIZE a.csv')
  decided.resolve(true)
  expect(await size).toBe('213 4')
})

test('an upload that is held then is there no longer', async () => {
  const { first, second, state } = await uploaded({ mayTakeName: async () => false })
  first.socket.end()
  await vi.waitFor(async () => expect((await second.fetch('NLST')).content).toBe(''))
  expect(await second.send('SIZE a.csv')).toMatch(/^550/)
  expect(await state()).toBe('ready')
})

test('a command that moves or removes a folder takes the uploads in it along', async () => {
  const { second, server } = await uploaded({ path: 'in/a.csv' })
  expect(await second.send('RMD in')).toBe('550 Directory not empty.')
  expect(await second.send('DELE in/a.csv')).toMatch(/^250/)
  const other = await uploaded({ path: 'in/a.csv' })
  expect(await other.second.send('RNFR in')).toMatch(/^350/)
  expect(await other.second.send('RNTO out')).toMatch(/^250/)
  expect(await names(other.server.area)).toEqual(['out'])
  expect(await names(other.server.area, '/out')).toEqual(['a.csv'])
  expect(await names(server.area, '/in')).toEqual([])
})

async function besideSftp() {
  const unconfirmed = new UnconfirmedUploads()
  const started = await uploaded({ path: 'in/a.csv', unconfirmed })
  const hostKeys = await loadHostKeys(join(folders.teams(), '..', 'keys'))
  const { team, ...login } = started.login
  const { port } = await startSftp({ db, team, teams: folders.teams(), hostKeys, unconfirmed })
  const client = await SftpClient.open(await connectSsh(port, login))
  return { ...started, client }
}

test('over SFTP the account sees the upload, and a listing confirms nothing', async () => {
  const { client, state, server } = await besideSftp()
  const listed: { filename: string }[] = await client.call('readdir', '/in')
  expect(listed.map(({ filename }) => filename)).toContain('a.csv')
  expect(await state()).toBe('unconfirmed')
  expect(await names(server.area, '/in')).toEqual([])
})

const requests: [string, ...unknown[]][] = [
  ['stat', '/in/a.csv'],
  ['utimes', '/in/a.csv', 1_000_000_000, 1_000_000_000],
  ['chmod', '/in/a.csv', 0o600],
  ['rename', '/in/a.csv', '/in/b.csv'],
  ['ext_openssh_rename', '/in/a.csv', '/in/b.csv'],
  ['rename', '/in', '/out'],
  ['ext_openssh_rename', '/in', '/out'],
  ['unlink', '/in/a.csv'],
]
for (const [request, ...values] of requests)
  test(`over SFTP ${request} of ${values[0]} confirms the upload`, async () => {
    const { client, state } = await besideSftp()
    await client.call(request as 'stat', ...values)
    expect(await state()).toBe('ready')
  })

test('over SFTP a folder that holds the upload is not empty', async () => {
  const { client, state } = await besideSftp()
  await expect(client.call('rmdir', '/in')).rejects.toThrow('Directory not empty.')
  expect(await state()).toBe('ready')
})
