import { randomBytes, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { createSecureContext, type SecureContext } from 'node:tls'
import { generate } from 'selfsigned'
import { keptFile } from '../files/keys.ts'

/** The certificate that clients see, ready for use by every TLS connection of the FTP endpoints. */
export interface ServerTls {
  /** One for all connections: a data connection can resume the TLS session of its control connection only within it. */
  readonly secureContext: SecureContext
  /** SHA-256 of the certificate, `AB:CD:...`, for people who compare it in their client. */
  readonly fingerprint: string
  readonly certificate: { fingerprint: string; subject: string; validUntil: Date }
}

const VALID_YEARS = 10

/** Loads the given certificate, or makes a self-signed one at the first start, kept in `keysFolder`. */
export async function loadTls(keysFolder: string, files?: { cert: string; key: string }): Promise<ServerTls> {
  if (files) return tlsOf(await readFile(files.cert, 'utf8'), await readFile(files.key, 'utf8'))
  // Key and certificate in one file: they belong together, also after a crash between two writes.
  const pem = (await keptFile(keysFolder, 'ftp-certificate.pem', selfSigned)).toString()
  return tlsOf(pem, pem)
}

function tlsOf(cert: string, key: string): ServerTls {
  const secureContext = createSecureContext({
    cert,
    key,
    minVersion: 'TLSv1.2',
    ticketKeys: randomBytes(48),
    sessionIdContext: 'rosterport',
  })
  const { fingerprint256: fingerprint, subject, validToDate } = new X509Certificate(cert)
  return {
    secureContext,
    fingerprint,
    certificate: { fingerprint, subject: subject.replace(/^.*CN=/s, ''), validUntil: validToDate },
  }
}

async function selfSigned(): Promise<Buffer> {
  const names = [...new Set(['localhost', hostname()])]
  const notAfterDate = new Date()
  notAfterDate.setFullYear(notAfterDate.getFullYear() + VALID_YEARS)
  const made = await generate([{ name: 'commonName', value: hostname() }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
  })
  return Buffer.from(`${made.private.trim()}\n${made.cert.trim()}\n`)
}
