import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { names, serverFolders } from '../support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

test('a name is kept as it is sent: quotes, dashes, blanks, accents', async () => {
  const started = await given(db, folders)
  const client = await started.client()
  for (const name of ['q"q', '-a', 'two  blanks', 'é'])
    expect(await client.send(`MKD ${name}`)).toBe(`257 "/${name.replace('"', '""')}" created.`)
  client.write(Buffer.from('MKD Ren\xe9\r\n', 'latin1'))
  await client.reply()
  expect(await names(started.server.area)).toEqual(['-a', 'René', 'q"q', 'two  blanks', 'é'].sort())
})

test('a link in the root is not followed by any command', async () => {
  const started = await given(db, folders)
  const root = join(folders.teams(), started.login.team.team)
  await mkdir(root, { recursive: true })
  const outside = join(folders.teams(), 'outside')
  await mkdir(outside, { recursive: true })
  await writeFile(join(outside, 'secret.txt'), 'secret')
  await symlink(outside, join(root, 'link'))
  await symlink(join(outside, 'secret.txt'), join(root, 'file'))
  const client = await started.client()
  for (const command of [
    'CWD link',
    'STOR link/a',
    'RETR file',
    'RETR link/secret.txt',
    'DELE file',
    'RNFR file',
    'SIZE file',
    'MKD link/x',
    'STOR file',
  ])
    expect(await client.send(command), command).toMatch(/^55\d/)
  expect((await client.fetch('MLSD')).content).toBe('')
})

test('a real client lists, renames, downloads and deletes', async () => {
  const { server, login } = await given(db, folders, { mode: 'required' })
  const client = new Client()
  await client.access({
    host: '127.0.0.1',
    port: server.port,
    user: login.username,
    password: login.password,
    secure: true,
    secureOptions: { rejectUnauthorized: false },
  })
  await client.ensureDir('/cadence/imports')
  await client.uploadFrom(Readable.from(['ID\r\n1\r\n']), 'a.csv')
  expect((await client.list()).map(({ name, size }) => ({ name, size }))).toEqual([{ name: 'a.csv', size: 7 }])
  await client.rename('a.csv', 'b.csv')
  expect(server.ready).toEqual(['/cadence/imports/a.csv', '/cadence/imports/b.csv'])
  const download = new PassThrough()
  await client.downloadTo(download, 'b.csv', 4)
  expect(download.read().toString()).toBe('1\r\n')
  await client.remove('b.csv')
  expect(await client.list()).toEqual([])
  await client.cdup()
  await client.send('RMD imports')
  client.close()
  expect(await names(server.area, '/cadence')).toEqual([])
})

test('MFMT sets the time that MDTM tells, both in UTC, and refuses what is no time', async () => {
  const started = await given(db, folders)
  const client = await started.client()
  await client.send('MKD in')
  await client.store('in/a.csv', 'one\ntwo\n')
  expect(await client.send('MFMT 20260102030405 in/a.csv')).toBe('213 Modify=20260102030405; /in/a.csv')
  expect(await client.send('MDTM in/a.csv')).toBe('213 20260102030405')
  const { mtime } = await stat(join(folders.teams(), started.login.team.team, 'in', 'a.csv'))
  expect(mtime.toISOString()).toBe('2026-01-02T03:04:05.000Z')
  for (const argument of ['20261302030405 in/a.csv', '2026 in/a.csv', '20260102030405'])
    expect(await client.send(`MFMT ${argument}`)).toBe('501 MFMT requires YYYYMMDDHHMMSS and a path.')
  expect(await client.send('MFMT 20260102030405 in')).toBe('550 Not a file.')
  expect(await client.send('MFMT 20260102030405 none')).toBe('550 No such file or directory.')
})
