import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect, test } from 'vitest'
import type { FtpTls } from '../../server/ftp/options.ts'
import type { FtpPermissions } from '../../store/accounts.ts'
import { testDatabase } from '../support/database.ts'
import { addAccount, names, serverFolders, startServer, teamLogin, textOf } from './ftp-server.ts'
import { RawClient } from './raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

async function setUp(mode: FtpTls['mode'] = 'off', permissions: FtpPermissions = 'full') {
  const login = await teamLogin(db, permissions)
  const tls: FtpTls = mode === 'off' ? { mode } : { mode, server: folders.tls() }
  const server = await startServer({ db, team: login.team, teams: folders.teams(), tls })
  return { server, login }
}

async function loggedIn({ server, login }: Awaited<ReturnType<typeof setUp>>): Promise<RawClient> {
  const client = await RawClient.open(server.port)
  expect(await client.login(login)).toMatch(/^230/)
  return client
}

test('a login without TLS is refused with a sentence where TLS is required', async () => {
  const { server, login } = await setUp('required')
  const client = await RawClient.open(server.port)
  expect(await client.send(`USER ${login.username}`)).toMatch(/^530 TLS is required here: send AUTH TLS/)
  expect(await client.send(`PASS ${login.password}`)).toMatch(/^530/)
  expect(await client.send('LIST')).toMatch(/^530/)
})

/** `HANDSHAKES=1000` asks for as many as are promised. */
const HANDSHAKES = Number(process.env.HANDSHAKES ?? 40)

test(`no explicit TLS handshake of ${HANDSHAKES} fails`, async () => {
  const { server, login } = await setUp('required')
  for (let round = 0; round < HANDSHAKES; round++) {
    const client = await RawClient.open(server.port)
    expect(await client.send('AUTH TLS')).toMatch(/^234/)
    await client.startTls()
    expect(await client.send(`USER ${login.username}`)).toMatch(/^331/)
    client.socket.destroy()
  }
}, 120_000)

test('a command pipelined behind AUTH TLS is refused and never obeyed', async () => {
  const { server, login } = await setUp('required')
  for (const behind of [`USER ${login.username}\r\n`, 'US']) {
    const client = await RawClient.open(server.port)
    client.write(`AUTH TLS\r\n${behind}`)
    expect(await client.reply()).toMatch(/^421/)
    expect(await client.reply()).toBe('')
  }
})

test('commands come in any cut: byte by byte, joined, and with bare line feeds', async () => {
  const { server, login } = await setUp()
  const client = await RawClient.open(server.port)
  for (const byte of `USER ${login.username}\r\n`) client.write(byte)
  expect(await client.reply()).toMatch(/^331/)
  client.write(`PASS ${login.password}\nPWD\r\nSYST\n`)
  expect(await client.reply()).toMatch(/^230/)
  expect(await client.reply()).toMatch(/^257 "\/"/)
  expect(await client.reply()).toMatch(/^215/)
})

test('a line without end is refused, and the session goes on', async () => {
  const { server } = await setUp()
  const client = await RawClient.open(server.port)
  client.write(`USER ${'x'.repeat(100_000)}\r\n`)
  expect(await client.reply()).toMatch(/^500/)
  expect(await client.send('NOOP')).toMatch(/^200/)
})

test('ten thousand commands in one piece are answered one by one', async () => {
  const { server } = await setUp()
  const client = await RawClient.open(server.port)
  client.write('NOOP\r\n'.repeat(10_000))
  for (let count = 0; count < 10_000; count++) expect(await client.reply()).toMatch(/^200/)
})

test('wrong passwords and unknown users are told alike, and the third closes the connection', async () => {
  const { server, login } = await setUp()
  const client = await RawClient.open(server.port)
  const wrong = await client.login({ username: login.username, password: 'guess' })
  expect(wrong).toBe('530 Username or password is wrong.')
  expect(await client.login({ username: 'nobody', password: 'guess' })).toBe(wrong)
  expect(await client.login({ username: 'a\0b', password: 'guess' })).toMatch(/^421/)
  expect(await client.reply()).toBe('')
})

test('a name is kept as it is sent: quotes, dashes, blanks, accents', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  for (const name of ['q"q', '-a', 'two  blanks', 'é'])
    expect(await client.send(`MKD ${name}`)).toBe(`257 "/${name.replace('"', '""')}" was made.`)
  client.write(Buffer.from('MKD Ren\xe9\r\n', 'latin1'))
  await client.reply()
  expect(await names(given.server.area)).toEqual(['-a', 'René', 'q"q', 'two  blanks', 'é'].sort())
})

test('a link in the root is not followed by any command', async () => {
  const given = await setUp()
  const root = join(folders.teams(), given.login.team.team)
  await mkdir(root, { recursive: true })
  const outside = join(folders.teams(), 'outside')
  await mkdir(outside, { recursive: true })
  await writeFile(join(outside, 'secret.txt'), 'secret')
  await symlink(outside, join(root, 'link'))
  await symlink(join(outside, 'secret.txt'), join(root, 'file'))
  const client = await loggedIn(given)
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
  const { server, login } = await setUp('required')
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

test('LIST and NLST take flags and paths', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  await client.send('MKD in')
  await client.store('in/a.csv', 'one\n')
  await client.send('NOOP')
  expect((await client.fetch('LIST -la in')).content).toMatch(
    /^-rw-r----- 1 ftp ftp +4 \w{3} [ \d]\d \d\d:\d\d a\.csv\r\n$/,
  )
  expect((await client.fetch('NLST in')).content).toBe('in/a.csv\r\n')
  expect((await client.fetch('MLSD /in')).content).toMatch(/^type=file;size=4;modify=\d{14}; a\.csv\r\n$/)
  expect(await client.send('MLST in')).toMatch(/\r\n type=dir;modify=\d{14}; \/in\r\n/)
})

test('an account that may only upload cannot touch what others have uploaded', async () => {
  const given = await setUp('off', 'upload')
  const other = await addAccount(db, given.login.team.id, `${given.login.username}2`, 'upload')
  const [mine, theirs] = [await loggedIn(given), await RawClient.open(given.server.port)]
  await theirs.login(other)
  await mine.store('mine.csv', 'one\n')
  await mine.send('NOOP')
  for (const command of ['DELE mine.csv', 'RNFR mine.csv']) expect(await theirs.send(command)).toMatch(/^550/)
  await theirs.send('EPSV')
  expect(await theirs.send('RETR mine.csv')).toMatch(/^550/)
  for (const command of ['STOR mine.csv', 'APPE mine.csv'])
    expect(await theirs.send(command)).toBe('553 This account may replace only its own uploads.')
  expect((await mine.fetch('RETR mine.csv')).content).toBe('one\n')
  expect(await mine.send('DELE mine.csv')).toMatch(/^250/)
})

test('an account that may only upload replaces its own upload, even right behind it', async () => {
  const given = await setUp('off', 'upload')
  const client = await loggedIn(given)
  for (const content of ['one\n', 'two\n', 'three\n'])
    expect(await client.store('a.csv', content)).toBe('226 Transfer complete.')
  await client.send('NOOP')
  expect(await textOf(given.server.area, '/a.csv')).toBe('three\n')
})

test('a stranger on the data port is dropped, and the transfer goes on', async () => {
  const given = await setUp()
  const client = await loggedIn(given)
  const port = await client.dataPort()
  const stranger = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  await once(stranger, 'close')
  const data = connect({ port, host: '127.0.0.1' })
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  data.end('one\n')
  expect(await client.reply()).toMatch(/^226/)
})

test('a session keeps one passive port open, however often it asks', async () => {
  const client = await loggedIn(await setUp())
  const first = await client.dataPort()
  for (let again = 0; again < 5; again++) await client.dataPort()
  const refused = connect(first, '127.0.0.1')
  const [error] = await once(refused, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})

test('a client that does not log in is told 421 and closed', async () => {
  const login = await teamLogin(db)
  const limits = { loginSeconds: 0.05, idleSeconds: 60, stallSeconds: 30 }
  const server = await startServer({ db, team: login.team, teams: folders.teams(), tls: { mode: 'off' }, limits })
  const client = await RawClient.open(server.port)
  expect(await client.reply()).toMatch(/^421/)
  expect(await client.reply()).toBe('')
})
