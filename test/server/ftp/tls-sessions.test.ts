import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TLSSocket, connect as tlsConnect } from 'node:tls'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../../../log.ts'
import { KEPT_FILE } from '../../../server/self-signed.ts'
import { loadTls, watchTls } from '../../../server/tls.ts'
import { testDatabase } from '../../support/database.ts'
import { cannotRun } from '../../support/machine/programs.ts'
import { ownFiles } from '../../support/tls-files.ts'
import { given } from '../support/ftp-client.ts'
import { names, serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const run = promisify(execFile)

/** `HANDSHAKES=1000` asks for as many as are promised. */
const HANDSHAKES = Number(process.env.HANDSHAKES ?? 40)

test(`no explicit TLS handshake of ${HANDSHAKES} fails`, async () => {
  const { server, login } = await given(db, folders, { mode: 'required' })
  for (let round = 0; round < HANDSHAKES; round++) {
    const client = await RawClient.open(server.port)
    expect(await client.send('AUTH TLS')).toMatch(/^234/)
    await client.startTls()
    expect(await client.send(`USER ${login.username}`)).toMatch(/^331/)
    client.socket.destroy()
  }
}, 120_000)

test('a command pipelined behind AUTH TLS is refused and never obeyed', async () => {
  const { server, login } = await given(db, folders, { mode: 'required' })
  for (const behind of [`USER ${login.username}\r\n`, 'US']) {
    const client = await RawClient.open(server.port)
    client.write(`AUTH TLS\r\n${behind}`)
    expect(await client.reply()).toMatch(/^421/)
    expect(await client.reply()).toBe('')
  }
})

test('data in the clear on a private session are refused with a sentence', async () => {
  const { server, login } = await given(db, folders, { mode: 'required' })
  const client = await RawClient.openTls(server.port)
  await client.login(login)
  const data = await client.data()
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  data.write('Student ID,First\r\n')
  expect(await client.reply()).toBe('426 Data connections must be encrypted: send PBSZ 0 and PROT P.')
  expect(await names(server.area)).toEqual([])
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`a data connection resumes the ${version} session of its control connection`, async () => {
    const { server, login } = await given(db, folders, { mode: 'required' })
    const client = await RawClient.open(server.port)
    await client.send('AUTH TLS')
    const { session } = await client.startTls({ minVersion: version, maxVersion: version })
    await client.login(login)
    const raw = await client.data()
    await client.send('STOR a.csv')
    const data = tlsConnect({
      socket: raw,
      rejectUnauthorized: false,
      session: await session,
      minVersion: version,
      maxVersion: version,
    })
    await once(data, 'secureConnect')
    expect(data.isSessionReused()).toBe(true)
    data.end('one\n')
    expect(await client.reply()).toMatch(/^226/)
  })

test('TLS below 1.2 is refused', async () => {
  const { server } = await given(db, folders, { mode: 'implicit' })
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  const socket = tlsConnect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...old })
  const [error] = await once(socket, 'error')
  expect(error.code).toMatch(/PROTOCOL_VERSION|ECONNRESET/)
})

test('a renewed certificate is shown to the next client, and those who are there stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-renewed-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [first, second] = [
    await loadTls({ keysFolder: join(folder, '1') }),
    await loadTls({ keysFolder: join(folder, '2') }),
  ]
  const pem = join(folder, 'used.pem')
  await copyFile(join(folder, '1', KEPT_FILE), pem)
  const watched = await watchTls({ keysFolder: folder, files: ownFiles(pem, pem) }, createLog('silent'), 5)
  await watched.keep()
  onTestFinished(() => watched.stop())
  const { server, login } = await given(db, folders, { tls: { mode: 'required', server: watched } })
  const seen = (client: RawClient) => (client.socket as TLSSocket).getPeerCertificate().fingerprint256
  const before = await RawClient.openTls(server.port)
  await before.login(login)
  expect(seen(before)).toBe(first.fingerprint)
  await copyFile(join(folder, '2', KEPT_FILE), pem)
  await vi.waitFor(() => expect(watched.fingerprint).toBe(second.fingerprint))
  expect(seen(await RawClient.openTls(server.port))).toBe(second.fingerprint)
  const raw = await before.data()
  expect(await before.send('STOR a.csv')).toMatch(/^150/)
  const data = tlsConnect({ socket: raw, rejectUnauthorized: false })
  data.end('one\n')
  expect(await before.reply()).toMatch(/^226/)
  await before.send('NOOP')
  expect(await names(server.area)).toEqual(['a.csv'])
})

const versions = [
  { shown: 'TLSv1.2', openssl: '-tls1_2', curl: ['--tlsv1.2', '--tls-max', '1.2'] },
  { shown: 'TLSv1.3', openssl: '-tls1_3', curl: ['--tlsv1.3'] },
]
const noOpenssl = cannotRun('openssl', 'version')
const noCurl = cannotRun('curl', '--version')
for (const { shown, openssl, curl } of versions) {
  test(`openssl shakes hands by ${shown} and talks`, async ({ skip }) => {
    skip(Boolean(noOpenssl), noOpenssl)
    const { server } = await given(db, folders, { mode: 'required' })
    const client = spawn('openssl', [
      ...['s_client', '-starttls', 'ftp', '-connect', `127.0.0.1:${server.port}`, openssl, '-crlf'],
    ])
    onTestFinished(() => void client.kill())
    client.stdin.on('error', () => {})
    let told = ''
    client.stdout.on('data', (chunk) => {
      told += chunk
      if (/^---\r?\n220|Verify return code/m.test(told)) client.stdin.write('SYST\nQUIT\n')
    })
    await once(client, 'close')
    expect(told).toContain(shown)
    expect(told).toContain('215 UNIX Type: L8')
  })

  test(`curl uploads by ${shown}, data and all`, async ({ skip }) => {
    skip(Boolean(noCurl), noCurl)
    const { server, login } = await given(db, folders, { mode: 'required' })
    const { stderr } = await run('curl', [
      ...['-sSv', '--insecure', '--ssl-reqd', ...curl, '--user', `${login.username}:${login.password}`],
      ...['-T', import.meta.filename, `ftp://127.0.0.1:${server.port}/a.csv`],
    ])
    expect(stderr.match(/SSL connection using \S+/g)).toEqual(Array(2).fill(`SSL connection using ${shown}`))
    expect(await names(server.area)).toEqual(['a.csv'])
  })
}
