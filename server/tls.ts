import { randomBytes, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { createSecureContext, type SecureContext } from 'node:tls'
import { generate } from 'selfsigned'
import { keptFile } from '../files/keys.ts'
import type { Log } from '../log.ts'
import { ticketless } from './tls-tickets.ts'

/** The certificate that clients see, ready for use by every TLS connection of the FTP endpoints. */
export interface ServerTls {
  /** For control connections. */
  readonly secureContext: SecureContext
  /** For data connections, which can resume the TLS session of their control connection. */
  readonly dataContext: SecureContext
  /** SHA-256 of the certificate, `AB:CD:...`, for people who compare it in their client. */
  readonly fingerprint: string
  readonly certificate: { fingerprint: string; subject: string; validUntil: Date }
}

/** A `ServerTls` that looks for another certificate under the same names now and then. */
export interface WatchedTls extends ServerTls {
  stop(): void
}

interface PemFiles {
  cert: string
  key: string
}

const VALID_YEARS = 10
const LOOK_MS = 10_000

/** Loads the given certificate, or makes a self-signed one at the first start, kept in `keysFolder`. */
export async function loadTls(keysFolder: string, files?: PemFiles): Promise<ServerTls> {
  if (files) return tlsOf(await readPem(files))
  // Key and certificate in one file: they belong together, also after a crash between two writes.
  const pem = (await keptFile(keysFolder, 'ftp-certificate.pem', selfSigned)).toString()
  return tlsOf({ cert: pem, key: pem })
}

/**
 * As `loadTls`, and takes up a certificate that was renewed. One that cannot be used, as when its key is still to come,
 * changes nothing.
 */
export async function watchTls(
  keysFolder: string,
  files: PemFiles | undefined,
  log: Log,
  lookMilliseconds = LOOK_MS,
): Promise<WatchedTls> {
  let current = await loadTls(keysFolder, files)
  if (!files) return { ...current, stop() {} }
  let seen = JSON.stringify(await readPem(files))
  const look = async () => {
    const pem = await readPem(files)
    if (JSON.stringify(pem) === seen) return
    seen = JSON.stringify(pem)
    current = tlsOf(pem)
    log.info({ fingerprint: current.fingerprint }, 'certificate renewed')
  }
  const timer = setInterval(() => {
    look().catch((error) => log.warn({ err: error }, 'certificate files unusable; keeping the current certificate'))
  }, lookMilliseconds)
  timer.unref()
  return {
    get secureContext() {
      return current.secureContext
    },
    get dataContext() {
      return current.dataContext
    },
    get fingerprint() {
      return current.fingerprint
    },
    get certificate() {
      return current.certificate
    },
    stop: () => clearInterval(timer),
  }
}

async function readPem(files: PemFiles): Promise<PemFiles> {
  return { cert: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') }
}

function tlsOf({ cert, key }: PemFiles): ServerTls {
  const options = { minVersion: 'TLSv1.2', ticketKeys: randomBytes(48), sessionIdContext: 'rosterport' } as const
  const { fingerprint256: fingerprint, subject, validToDate } = new X509Certificate(cert)
  return {
    secureContext: createSecureContext({ cert, key, ...options }),
    dataContext: ticketless({ cert, key, ...options }),
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
