import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP, isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { keptFile, readIfThere, replaceKept } from '../files/keys.ts'
import { TlsFilesProblem } from '../files/tls-files.ts'
import { DAY_MS } from '../model/time.ts'

/** The key is in a file of its own beside it, so that this one can be handed to clients. */
export const CERTIFICATE_FILE = 'ftp-certificate.pem'
/** Key and certificate in one file: they belong together, also after a crash between two writes. */
export const KEPT_FILE = 'ftp-tls.pem'

const ALWAYS_NAMED = ['localhost', '127.0.0.1', '::1']
const VALID_DAYS = 3652
const ANEW_DAYS = 30
/** X.520 allows no longer common name. */
const LONGEST_COMMON_NAME = 64

export interface SelfSigned {
  /** Key and certificate. */
  readonly pem: string
  /** Why they have just been renewed. */
  readonly anew: string | null
  /** Writes them to the folder. Of two processes that make a first one, the later leaves the other's. */
  keep(): Promise<void>
}

/**
 * The self-signed certificate in `keysFolder`. Renewed when it does not cover each of `names`, and before it expires.
 * Writes nothing until `keep`: clients pin the one in the folder.
 */
export async function selfSigned(keysFolder: string, names: readonly string[], now: Date): Promise<SelfSigned> {
  const needed = [...ALWAYS_NAMED, ...names]
  const kept = await readIfThere(join(keysFolder, KEPT_FILE))
  const before = kept ?? (await ofEarlierVersion(keysFolder)) ?? (await make([...needed, hostname()], now))
  const certificate = certificateOf(before.toString(), join(keysFolder, KEPT_FILE))
  const anew = whyAnew(certificate, needed, now)
  // The names before stay in it: several processes, each with its own names, may share the folder.
  const content = anew === null ? before : await make([...needed, hostname(), ...namesOf(certificate)], now)
  const keep = async () => {
    if (kept && anew !== null) await replaceKept(keysFolder, KEPT_FILE, content)
    await publish(keysFolder, (await keptFile(keysFolder, KEPT_FILE, async () => content)).toString())
  }
  return { pem: content.toString(), anew, keep }
}

function certificateOf(pem: string, path: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem)
    if (certificate.checkPrivateKey(createPrivateKey(pem))) return certificate
  } catch {}
  throw new TlsFilesProblem([
    `${path} holds no certificate with its key: remove it, and the next start makes both anew.`,
  ])
}

function whyAnew(certificate: X509Certificate, needed: readonly string[], now: Date): string | null {
  // Any other was put there by an operator, and is left alone.
  const isOurs = certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey)
  if (!isOurs) return null
  if (certificate.validToDate.getTime() - now.getTime() < ANEW_DAYS * DAY_MS) return 'it was about to run out'
  const missing = needed.filter((name) => !covers(certificate, name))
  return missing.length > 0 ? `it did not name ${missing.join(', ')}` : null
}

/** Key and certificate stood in the file of the certificate. */
async function ofEarlierVersion(keysFolder: string): Promise<Buffer | null> {
  const content = await readIfThere(join(keysFolder, CERTIFICATE_FILE))
  return content?.includes('PRIVATE KEY-----') ? content : null
}

async function publish(keysFolder: string, pem: string): Promise<void> {
  const certificates = `${pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)?.join('\n')}\n`
  const published = await readIfThere(join(keysFolder, CERTIFICATE_FILE))
  if (published?.toString() !== certificates) await replaceKept(keysFolder, CERTIFICATE_FILE, Buffer.from(certificates))
}

function covers(certificate: X509Certificate, name: string): boolean {
  return isIP(name) ? !!certificate.checkIP(name) : !!certificate.checkHost(name, { subject: 'never' })
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
}

async function make(wanted: readonly string[], now: Date): Promise<Buffer> {
  const names = [...new Set(wanted.map(inShort))].filter((name) => /^[\w.:-]+$/.test(name))
  const commonName = names.find((name) => !ALWAYS_NAMED.includes(name) && name.length <= LONGEST_COMMON_NAME)
  const made = await generate([{ name: 'commonName', value: commonName ?? 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // The clocks of clients are not all right.
    notBeforeDate: new Date(now.getTime() - DAY_MS),
    notAfterDate: new Date(now.getTime() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((value) => (isIP(value) ? { type: 7 as const, ip: value } : { type: 2 as const, value })),
      },
    ],
  })
  return Buffer.from(`${made.private.trim()}\n${made.cert.trim()}\n`)
}

/** `0:0:0:0:0:0:0:1` as `::1`. */
function inShort(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name
}
