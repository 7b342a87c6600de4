import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigurationProblem, readConfig } from '../../config.ts'
import { readTlsFiles } from '../../files/tls-files.ts'
import { issue, ownFiles, written } from '../support/tls-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'rosterport-tls-files-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const NOW = new Date('2026-11-30T12:00:00Z')
const root = await issue('root.example.edu')
const middle = await issue('middle.example.edu', { issuer: root })
const leaf = await issue('files.example.edu', { issuer: middle })
const other = await issue('other.example.edu')
const der = { cert: new X509Certificate(leaf.cert).raw, key: derOf(leaf.key) }
const joined = (...all: { cert: string }[]) => all.map(({ cert }) => cert.trim()).join('\n')

function derOf(key: string): Buffer {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'der' })
}

type Content = string | Buffer
const usable: { title: string; cert: Content; key: Content }[] = [
  { title: 'a certificate and its key', ...leaf },
  { title: 'a chain', cert: joined(leaf, middle, root), key: leaf.key },
  { title: 'a chain with another path at its end', cert: joined(leaf, middle, root, other), key: leaf.key },
  { title: 'both in one file', cert: leaf.key + leaf.cert, key: leaf.key + leaf.cert },
  { title: 'lines that end as on Windows', cert: leaf.cert.replaceAll('\n', '\r\n'), key: leaf.key },
  { title: 'a comment above', cert: `subject=files.example.edu\n${leaf.cert}`, key: leaf.key },
]
for (const { title, cert, key } of usable)
  test(`${title} can be used`, async () => {
    const files = ownFiles(await written(folder, 'cert.pem', cert), await written(folder, 'key.pem', key))
    expect(await readTlsFiles(files, NOW)).toEqual({ cert: String(cert), key: String(key) })
  })

const expired = await issue('files.example.edu', { until: '2026-06-01' })
const early = await issue('files.example.edu', { from: '2027-01-01' })
const locked = await issue('files.example.edu', { passphrase: 'correct horse' })
const weak = await issue('files.example.edu', { bits: 512 })
const openssh = '-----BEGIN OPENSSH PRIVATE KEY-----\nAA==\n-----END OPENSSH PRIVATE KEY-----\n'
const p12 = readFileSync(new URL('../fixtures/windows-export.p12', import.meta.url))
const sec1 = String(
  createPrivateKey(leaf.key).export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
)

const refused: { title: string; cert: Content; key: Content; faults: RegExp[] }[] = [
  {
    title: 'the key of another certificate',
    cert: leaf.cert,
    key: other.key,
    faults: [
      /^FTP_TLS_KEY: .*key\.pem is not the key of the certificate .*cert\.pem: name the two that belong together\.$/,
    ],
  },
  {
    title: 'the two exchanged',
    cert: leaf.key,
    key: leaf.cert,
    faults: [
      /^FTP_TLS_CERT: .* is a private key: was it exchanged with FTP_TLS_KEY\?/,
      /^FTP_TLS_KEY: .* is a certificate without a key: was it exchanged with FTP_TLS_CERT\?/,
    ],
  },
  {
    title: 'an expired one',
    ...expired,
    faults: [/^FTP_TLS_CERT: .* expired on 2026-06-01: put a renewed one there\.$/],
  },
  { title: 'one from the future', ...early, faults: [/^FTP_TLS_CERT: .* is valid from 2027-01-01 only/] },
  {
    title: 'the issuer first',
    cert: joined(middle, leaf),
    key: leaf.key,
    faults: [/^FTP_TLS_CERT: .* is in the wrong order: the certificate of the service comes first/],
  },
  {
    title: 'the root before what it issued',
    cert: joined(leaf, root, middle),
    key: leaf.key,
    faults: [/^FTP_TLS_CERT: .* is in the wrong order/],
  },
  { title: 'a locked key', ...locked, faults: [/^FTP_TLS_KEY: .* is protected by a passphrase.*openssl pkey -in/] },
  { title: 'a locked key of the old form', cert: leaf.cert, key: sec1, faults: [/^FTP_TLS_KEY: .* passphrase/] },
  { title: 'a weak key', ...weak, faults: [/^FTP_TLS_CERT and FTP_TLS_KEY: OpenSSL refuses .*key too small/] },
  {
    title: 'DER',
    ...der,
    faults: [
      /^FTP_TLS_CERT: .* is in DER form: convert it with "openssl x509 -inform der -in .*cert\.pem/,
      /^FTP_TLS_KEY: .* is in DER form: convert it with "openssl pkey -inform der -in .*key\.pem/,
    ],
  },
  {
    title: 'PKCS#12',
    cert: p12,
    key: p12,
    faults: [/^FTP_TLS_CERT: .* is PKCS#12 .*openssl pkcs12/, /^FTP_TLS_KEY: .* is PKCS#12 .*openssl pkcs12/],
  },
  { title: 'a key of OpenSSH', cert: leaf.cert, key: openssh, faults: [/^FTP_TLS_KEY: .* form of OpenSSH/] },
  { title: 'a cut certificate', cert: leaf.cert.slice(0, 300), key: leaf.key, faults: [/^FTP_TLS_CERT: .* cut off/] },
  { title: 'a cut key', cert: leaf.cert, key: leaf.key.slice(0, 100), faults: [/^FTP_TLS_KEY: .* cut off/] },
  { title: 'empty files', cert: '', key: '\n', faults: [/^FTP_TLS_CERT: .* is empty/, /^FTP_TLS_KEY: .* is empty/] },
  {
    title: 'something else',
    cert: 'hello',
    key: 'hello',
    faults: [/^FTP_TLS_CERT: .* no BEGIN CERTIFICATE line/, /^FTP_TLS_KEY: .* no BEGIN PRIVATE KEY line/],
  },
  {
    title: 'a request',
    cert: '-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----',
    key: leaf.key,
    faults: [/^FTP_TLS_CERT: .* is a request for a certificate/],
  },
]

test('a command to copy quotes the path for the shell', async () => {
  const path = await written(folder, "the district's key.pem", openssh)
  const cert = await written(folder, 'cert.pem', leaf.cert)
  const quoted = `'${folder}/the district'\\''s key.pem'`
  expect(faultsOf({ FTP_TLS_CERT: cert, FTP_TLS_KEY: path })).toEqual([
    expect.stringContaining(`convert a copy of it with "ssh-keygen -p -m PEM -f ${quoted}".`),
  ])
})

describe('refused at the start, for FTP and HTTP alike:', () => {
  for (const { title, cert, key, faults } of refused)
    test(title, async () => {
      const paths = [await written(folder, 'cert.pem', cert), await written(folder, 'key.pem', key)]
      expect(faultsOf({ FTP_TLS_CERT: paths[0], FTP_TLS_KEY: paths[1] })).toEqual(
        faults.map((fault) => expect.stringMatching(fault)),
      )
      const ofHttp = faults.map(({ source }) => expect.stringMatching(new RegExp(source.replaceAll('FTP_', 'HTTP_'))))
      expect(faultsOf({ HTTP_TLS_CERT: paths[0], HTTP_TLS_KEY: paths[1] })).toEqual(ofHttp)
    })

  test('files that are not there, and a folder', () => {
    const absent = join(folder, 'absent.pem')
    expect(faultsOf({ FTP_TLS_CERT: absent, FTP_TLS_KEY: folder })).toEqual([
      `FTP_TLS_CERT: ${absent} is not there: correct the path, or put the file there (ENOENT).`,
      `FTP_TLS_KEY: ${folder} is a folder: name the file in it (EISDIR).`,
    ])
  })

  test('a file that this user may not read', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may read every file')
    const paths = [await written(folder, 'cert.pem', leaf.cert), await written(folder, 'secret.pem', leaf.key)]
    await chmod(paths[1] as string, 0)
    expect(faultsOf({ FTP_TLS_CERT: paths[0], FTP_TLS_KEY: paths[1] })).toEqual([
      expect.stringMatching(/^FTP_TLS_KEY: .*secret\.pem cannot be read by this user/),
    ])
  })

  test('the PEM itself in place of its path, which is never shown', async () => {
    const path = await written(folder, 'key.pem', leaf.key)
    const faults = faultsOf({ FTP_TLS_CERT: leaf.cert, FTP_TLS_KEY_FILE: path })
    expect(faults).toEqual([
      'FTP_TLS_CERT holds the certificate itself: set it to the path of the file instead.',
      'FTP_TLS_KEY holds the key itself: set it to the path of the file instead.',
    ])
  })

  test('together with every other fault', () => {
    const faults = faultsOf({ HTTP_PORT: 'x', FTP_FOO: '1', FTP_TLS_CERT: '/absent', FTP_TLS_KEY: '/absent' })
    expect(faults.map((fault) => fault.split(/[ :]/)[0])).toEqual([
      'FTP_FOO',
      'HTTP_PORT',
      'FTP_TLS_CERT',
      'FTP_TLS_KEY',
    ])
  })
})

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env, NOW)
  } catch (error) {
    if (error instanceof ConfigurationProblem) return error.faults
    throw error
  }
  return []
}
