import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterAll, expect, test } from 'vitest'
import { certificateFaults } from '../../start/certificate-faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'rosterport-certificates-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const made = () => generate([{ name: 'commonName', value: 'ftp.example.edu' }], { keyType: 'ec', curve: 'P-256' })
const [own, other, weak] = [
  await made(),
  await made(),
  await generate([{ name: 'commonName', value: 'ftp.example.edu' }], { keySize: 1024, algorithm: 'sha1' }),
]
const cert = file('cert.pem', own.cert)
const key = file('key.pem', own.private)
const junk = file('junk.pem', 'no PEM')
const foreign = file('foreign.pem', other.private)
const locked = file(
  'locked.pem',
  createPrivateKey(own.private).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  }) as string,
)
const absent = join(folder, 'absent.pem')
const [weakCert, weakKey] = [file('weak-cert.pem', weak.cert), file('weak-key.pem', weak.private)]

const cases = [
  { title: 'a certificate with its key', cert, key, faults: [] },
  {
    title: 'files that are not there',
    cert: absent,
    key: absent,
    faults: [
      'CERT names "absent.pem", which cannot be read (ENOENT).',
      'KEY names "absent.pem", which cannot be read (ENOENT).',
    ],
  },
  {
    title: 'files without PEM',
    cert: junk,
    key: junk,
    faults: [
      'CERT names "junk.pem", which holds no certificate in PEM form.',
      'KEY names "junk.pem", which holds no private key in PEM form that can be read without a passphrase.',
    ],
  },
  {
    title: 'a key with a passphrase',
    cert,
    key: locked,
    faults: ['KEY names "locked.pem", which holds no private key in PEM form that can be read without a passphrase.'],
  },
  {
    title: 'the key of another certificate',
    cert,
    key: foreign,
    faults: ['KEY names "foreign.pem", which is not the key of the certificate in "cert.pem".'],
  },
  {
    title: 'a key that is too weak for TLS',
    cert: weakCert,
    key: weakKey,
    faults: [expect.stringMatching(/^CERT names "weak-cert.pem", which TLS refuses \(.*key too small/)],
  },
]
for (const { title, cert, key, faults } of cases)
  test(`${title}: ${faults.length === 0 ? 'no fault' : 'each fault names its variable and file'}`, () => {
    const found = certificateFaults({ variable: 'CERT', path: cert }, { variable: 'KEY', path: key })
    expect(found.map((fault) => fault.replaceAll(`${folder}/`, ''))).toEqual(faults)
  })
