import { randomBytes, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { type Pem, readTlsFiles, type TlsFiles } from '../files/tls-files.ts'
import type { Log } from '../log.ts'
import { TLS_RULES } from '../model/tls.ts'
import { type SelfSigned, selfSigned } from './self-signed.ts'
import { ticketless } from './tls-tickets.ts'

/** The certificate that clients see, ready for use by every TLS connection of the FTP endpoints. */
export interface ServerTls {
  /** For control connections. */
  readonly secureContext: SecureContext
  /** For data connections, which can resume the TLS session of their control connection. */
  readonly dataContext: SecureContext
  /** SHA-256 of the certificate, `AB:CD:...`, for people who compare it in their client. */
  readonly fingerprint: string
  readonly certificate: { fingerprint: string; subject: string; validUntil: Date; pem: string }
}

export interface WatchedTls extends ServerTls {
  /** Writes a newly made certificate, and watches for renewed ones from now on. */
  keep(): Promise<void>
  stop(): void
}

export interface TlsSource {
  readonly keysFolder: string
  /** The operator's own; without them the service makes a certificate for itself. */
  readonly files?: TlsFiles | null
  /** Further names for a self-made certificate, beside this machine. */
  readonly names?: readonly string[]
}

const LOOK_MS = 10_000

/** Loads the certificate of `source`. */
export async function loadTls(source: TlsSource, now = new Date()): Promise<ServerTls> {
  const found = await pemOf(source, now)
  await found.keep()
  return tlsOf(found)
}

/**
 * As `loadTls`, and takes up a certificate that was renewed. One that cannot be used, as when its key is still to come,
 * changes nothing. Nothing is written before `keep`, so that a start that fails leaves the certificate that clients trust.
 */
export async function watchTls(
  source: TlsSource,
  log: Log,
  lookMilliseconds = LOOK_MS,
  now = () => new Date(),
): Promise<WatchedTls> {
  let pem = await pemOf(source, now())
  let current = tlsOf(pem)
  const tell = () => {
    const { fingerprint } = current
    if (pem.anew) log.warn({ fingerprint }, `self-signed certificate made anew: ${pem.anew}`)
    else log.info({ fingerprint }, 'certificate renewed')
  }
  let said = ''
  const look = async () => {
    const found = await pemOf(source, now())
    await found.keep()
    said = ''
    if (found.cert === pem.cert && found.key === pem.key) return
    current = tlsOf(found)
    pem = found
    tell()
  }
  const lookSafely = () =>
    look().catch((error) => {
      if (error.message === said) return
      said = error.message
      log.warn({ err: error }, 'certificate files unusable; keeping the current certificate')
    })
  let looking = false
  let timer: NodeJS.Timeout | undefined
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
    async keep() {
      await pem.keep()
      if (pem.anew) tell()
      // Another process may have kept its own a moment earlier.
      await lookSafely()
      timer = setInterval(() => {
        // Two checks at once would make two certificates, and serve the one that is not kept.
        if (looking) return
        looking = true
        void lookSafely().finally(() => {
          looking = false
        })
      }, lookMilliseconds)
      timer.unref()
    },
    stop: () => clearInterval(timer),
  }
}

type Found = Pem & Omit<SelfSigned, 'pem'>

async function pemOf({ files, keysFolder, names = [] }: TlsSource, now: Date): Promise<Found> {
  if (files) return { ...(await readTlsFiles(files, now)), anew: null, keep: async () => {} }
  const { pem, ...rest } = await selfSigned(keysFolder, names, now)
  return { cert: pem, key: pem, ...rest }
}

function tlsOf({ cert, key }: Pem): ServerTls {
  const options = { ...TLS_RULES, ticketKeys: randomBytes(48), sessionIdContext: 'rosterport' }
  const certificate = new X509Certificate(cert)
  const { fingerprint256: fingerprint, subject, validToDate: validUntil } = certificate
  return {
    secureContext: createSecureContext({ cert, key, ...options }),
    dataContext: ticketless({ cert, key, ...options }),
    fingerprint,
    certificate: { fingerprint, subject: subject.replace(/^.*CN=/s, ''), validUntil, pem: certificate.toString() },
  }
}
