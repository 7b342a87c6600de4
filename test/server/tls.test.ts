import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer as createTcpServer, isIP } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkServerIdentity, connect, createServer, TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { TlsFilesProblem } from '../../files/tls-files.ts'
import { createLog } from '../../log.ts'
import { CERTIFICATE_FILE, KEPT_FILE } from '../../server/self-signed.ts'
import { loadTls, watchTls } from '../../server/tls.ts'
import { issue, ownFiles, written } from '../support/tls-files.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'rosterport-tls-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('the certificate is made once, for ten years, and its key is for its owner alone', async () => {
  const keysFolder = await folder()
  const { fingerprint } = await loadTls({ keysFolder })
  expect((await loadTls({ keysFolder })).fingerprint).toBe(fingerprint)
  expect((await stat(join(keysFolder, KEPT_FILE))).mode & 0o777).toBe(0o600)
  const certificate = await publishedIn(keysFolder)
  expect(certificate.fingerprint256).toBe(fingerprint)
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  const years = (certificate.validToDate.getTime() - Date.now()) / (365.25 * 24 * 3600 * 1000)
  expect(years).toBeCloseTo(10, 1)
})

test('what clients are given to trust holds no key', async () => {
  const keysFolder = await folder()
  await loadTls({ keysFolder })
  expect(await readFile(join(keysFolder, CERTIFICATE_FILE), 'utf8')).not.toContain('PRIVATE KEY')
})

const NAMES = ['ftp.example.edu', '203.0.113.5', '2001:db8::7', 'files.example.edu']

test('the certificate names this machine and what clients enter, for clients that compare', async () => {
  const keysFolder = await folder()
  const { secureContext, fingerprint } = await loadTls({ keysFolder, names: NAMES })
  const server = createServer({ SNICallback: (_name, done) => done(null, secureContext) }, (socket) => socket.end())
  server.setSecureContext(await pemIn(keysFolder))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const ca = await readFile(join(keysFolder, CERTIFICATE_FILE))
  const { port } = server.address() as AddressInfo
  for (const name of ['127.0.0.1', '::1', 'localhost', hostname(), ...NAMES]) {
    const socket = connect({
      ca,
      port,
      host: '127.0.0.1',
      ...(isIP(name) === 0 && { servername: name }),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    })
    await once(socket, 'secureConnect')
    expect([name, socket.authorized]).toEqual([name, true])
    expect(socket.getPeerCertificate().fingerprint256).toBe(fingerprint)
    socket.destroy()
  }
})

test('it is made anew for a name that it does not cover, and keeps the names before', async () => {
  const keysFolder = await folder()
  const before = await loadTls({ keysFolder, names: ['ftp.example.edu'] })
  const said: string[] = []
  const log = createLog('warn', { write: (line: string) => void said.push(line) })
  const tls = await watchTls({ keysFolder, names: ['203.0.113.5'] }, log)
  expect((await publishedIn(keysFolder)).fingerprint256).toBe(before.fingerprint)
  expect(said).toEqual([])
  await tls.keep()
  tls.stop()
  expect(tls.fingerprint).not.toBe(before.fingerprint)
  const certificate = await publishedIn(keysFolder)
  expect(certificate.fingerprint256).toBe(tls.fingerprint)
  expect(certificate.checkHost('ftp.example.edu')).toBeTruthy()
  expect(certificate.checkIP('203.0.113.5')).toBeTruthy()
  expect(JSON.parse(said.join())).toMatchObject({
    fingerprint: tls.fingerprint,
    msg: 'self-signed certificate made anew: it did not name 203.0.113.5',
  })
  expect((await loadTls({ keysFolder, names: ['ftp.example.edu'] })).fingerprint).toBe(tls.fingerprint)
})

test('it is made anew before it runs out, in a service that runs on', async () => {
  const keysFolder = await folder()
  let now = new Date()
  const tls = await watchTls({ keysFolder }, createLog('silent'), 5, () => now)
  await tls.keep()
  onTestFinished(() => tls.stop())
  const { fingerprint, validUntil } = tls.certificate
  const days = (count: number) => new Date(validUntil.getTime() + count * 24 * 3600 * 1000)
  expect((await loadTls({ keysFolder }, days(-31))).fingerprint).toBe(fingerprint)
  now = days(-29)
  await vi.waitFor(() => expect(tls.fingerprint).not.toBe(fingerprint))
  expect(tls.certificate.validUntil.getTime()).toBeGreaterThan(days(3000).getTime())
  expect((await publishedIn(keysFolder)).fingerprint256).toBe(tls.certificate.fingerprint)
})

test('of two processes that make the first one both show the one that is kept', async () => {
  const keysFolder = await folder()
  const [first, second] = [
    await watchTls({ keysFolder }, createLog('silent')),
    await watchTls({ keysFolder }, createLog('silent')),
  ]
  expect(await readdir(keysFolder)).toEqual([])
  for (const tls of [first, second]) {
    await tls.keep()
    tls.stop()
    expect(tls.fingerprint).toBe((await publishedIn(keysFolder)).fingerprint256)
  }
  expect(second.fingerprint).toBe(first.fingerprint)
})

test('one that another process made anew is taken up', async () => {
  const keysFolder = await folder()
  const tls = await watchTls({ keysFolder }, createLog('silent'), 5)
  await tls.keep()
  onTestFinished(() => tls.stop())
  const other = await loadTls({ keysFolder, names: ['ftp.example.edu'] })
  await vi.waitFor(() => expect(tls.fingerprint).toBe(other.fingerprint))
})

test('the file of an earlier version, with the key in it, goes on where it covers the names', async () => {
  const keysFolder = await folder()
  const { fingerprint } = await loadTls({ keysFolder, names: NAMES })
  await rename(join(keysFolder, KEPT_FILE), join(keysFolder, CERTIFICATE_FILE))
  expect((await loadTls({ keysFolder, names: NAMES })).fingerprint).toBe(fingerprint)
  expect(await readFile(join(keysFolder, CERTIFICATE_FILE), 'utf8')).not.toContain('PRIVATE KEY')
})

test('a certificate that an authority issued is never replaced, whatever it names', async () => {
  const keysFolder = await folder()
  const issued = await issue('elsewhere.example.edu', { issuer: await issue('root.example.edu') })
  await written(keysFolder, KEPT_FILE, issued.key + issued.cert)
  expect((await loadTls({ keysFolder, names: NAMES })).fingerprint).toBe(
    new X509Certificate(issued.cert).fingerprint256,
  )
})

test('a damaged file is named in a sentence', async () => {
  const keysFolder = await folder()
  const path = await written(keysFolder, KEPT_FILE, 'half a file')
  await expect(loadTls({ keysFolder })).rejects.toThrow(
    new TlsFilesProblem([`${path} holds no certificate with its key: remove it, and the next start makes both anew.`]),
  )
})

test('a certificate of the administrator is used as it is', async () => {
  const own = await folder()
  const { fingerprint } = await loadTls({ keysFolder: own })
  const pem = join(own, KEPT_FILE)
  const keysFolder = await folder()
  expect((await loadTls({ keysFolder, files: ownFiles(pem, pem), names: NAMES })).fingerprint).toBe(fingerprint)
  expect(await readdir(keysFolder)).toEqual([])
})

test('a renewed certificate is taken up without a restart; one that cannot be used is not, and told once', async () => {
  const [first, second, used] = [await folder(), await folder(), await folder()]
  const [before, after] = [await loadTls({ keysFolder: first }), await loadTls({ keysFolder: second })]
  const pem = join(used, 'certificate.pem')
  await copyFile(join(first, KEPT_FILE), pem)
  const said: string[] = []
  const log = createLog('warn', { write: (line: string) => void said.push(line) })
  const tls = await watchTls({ keysFolder: used, files: ownFiles(pem, pem) }, log, 5)
  await tls.keep()
  onTestFinished(() => tls.stop())
  expect(tls.fingerprint).toBe(before.fingerprint)
  const context = tls.secureContext
  await writeFile(pem, 'half a file')
  await vi.waitFor(() => expect(said.join()).toContain('no BEGIN CERTIFICATE line'))
  expect(tls.secureContext).toBe(context)
  await copyFile(join(second, KEPT_FILE), pem)
  await vi.waitFor(() => expect(tls.fingerprint).toBe(after.fingerprint))
  expect(tls.certificate).toEqual(after.certificate)
  expect(tls.secureContext).not.toBe(context)
  // While the files are being replaced other faults may be seen for a moment.
  const messages = said.map((line) => JSON.parse(line).err.message)
  expect(messages).toEqual([...new Set(messages)])
})

async function pemIn(keysFolder: string): Promise<{ cert: string; key: string }> {
  const pem = await readFile(join(keysFolder, KEPT_FILE), 'utf8')
  return { cert: pem, key: pem }
}

async function publishedIn(keysFolder: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(join(keysFolder, CERTIFICATE_FILE)))
}

const SUITES: [string, boolean][] = [
  ['AES128-SHA', false],
  ['AES256-SHA256', false],
  ['AES128-GCM-SHA256', false],
  ['AES256-GCM-SHA384', false],
  ['ECDHE-RSA-AES256-SHA384', false],
  ['ECDHE-RSA-AES256-GCM-SHA384', true],
]
for (const [ciphers, taken] of SUITES)
  test(`with an RSA certificate ${ciphers} is ${taken ? 'taken' : 'refused'}, on control and data connections`, async () => {
    const keysFolder = await folder()
    const { cert, key } = await issue('ftp.example.edu', { bits: 2048 })
    const files = ownFiles(join(keysFolder, 'cert.pem'), join(keysFolder, 'key.pem'))
    await writeFile(files.cert.path, cert)
    await writeFile(files.key.path, key)
    const { secureContext, dataContext } = await loadTls({ keysFolder, files })
    for (const context of [secureContext, dataContext]) {
      const server = createTcpServer((socket) =>
        new TLSSocket(socket, { isServer: true, secureContext: context }).on('error', () => {}),
      )
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as AddressInfo
      const client = connect({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.2',
        ciphers: `${ciphers}:@SECLEVEL=0`,
      })
      const result = await Promise.race([
        once(client, 'secureConnect').then(() => true),
        once(client, 'close').then(() => false),
      ]).catch(() => false)
      client.destroy()
      server.close()
      expect(result).toBe(taken)
    }
  })
