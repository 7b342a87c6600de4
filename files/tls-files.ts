import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'

/** Where a certificate and its key lie, and the variables that an operator has to change. */
export interface TlsFiles {
  readonly cert: { readonly variable: string; readonly path: string }
  readonly key: { readonly variable: string; readonly path: string }
}

export interface Pem {
  readonly cert: string
  readonly key: string
}

/** The files cannot be used as they are; each fault is a sentence for the operator. */
export class TlsFilesProblem extends Error {
  override readonly name = 'TlsFilesProblem'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** Reads the files and checks that clients will be able to use them. Throws `TlsFilesProblem` with every fault. */
export async function readTlsFiles(files: TlsFiles, now: Date): Promise<Pem> {
  const content = ({ path }: File) => readFile(path).catch((error: NodeJS.ErrnoException) => error)
  return checked(files, await content(files.cert), await content(files.key), now)
}

/** As `readTlsFiles`, for where nothing else is served yet. */
export function readTlsFilesSync(files: TlsFiles, now: Date): Pem {
  const content = ({ path }: File) => {
    try {
      return readFileSync(path)
    } catch (error) {
      return error as NodeJS.ErrnoException
    }
  }
  return checked(files, content(files.cert), content(files.key), now)
}

type Content = Buffer | NodeJS.ErrnoException

function checked(files: TlsFiles, certContent: Content, keyContent: Content, now: Date): Pem {
  const faults: string[] = []
  const cert = readable(files.cert, 'certificate', certContent, faults)
  const key = readable(files.key, 'key', keyContent, faults)
  const chain = cert && chainOf(cert, files, faults)
  const privateKey = key && privateKeyOf(key, files, faults)
  if (chain) faults.push(...dateFaults(chain, files, now))
  if (chain && privateKey) faults.push(...pairFaults(chain, privateKey, files))
  const pem = { cert: String(cert), key: String(key) }
  if (faults.length === 0) faults.push(...refusalOf(pem, files))
  if (faults.length > 0) throw new TlsFilesProblem(faults)
  return pem
}

type File = TlsFiles['cert']

const UNREADABLE: Record<string, string> = {
  ENOENT: 'is not there: correct the path, or put the file there',
  EACCES: 'cannot be read by this user: let the user of the service read it',
  EISDIR: 'is a folder: name the file in it',
}

function readable({ variable, path }: File, what: string, content: Content, faults: string[]): Buffer | null {
  // Never shown: it may be the key.
  if (path.includes('-----BEGIN'))
    faults.push(`${variable} holds the ${what} itself: set it to the path of the file instead.`)
  else if (content instanceof Error)
    faults.push(fault({ variable, path }, `${UNREADABLE[content.code ?? ''] ?? 'cannot be read'} (${content.code})`))
  else if (content.toString('latin1').trim() === '')
    faults.push(fault({ variable, path }, 'is empty: put the file there again'))
  else return content
  return null
}

function chainOf(content: Buffer, { cert, key }: TlsFiles, faults: string[]): X509Certificate[] | null {
  const text = content.toString('latin1')
  const refuse = (what: string) => {
    faults.push(fault(cert, what))
    return null
  }
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0
  if (begun > 0) {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
    const chain = blocks.map(parsed)
    if (blocks.length === begun && chain.every((each) => each !== null)) return chain
    return refuse('is damaged or cut off: put the whole file there again')
  }
  if (text.includes('PRIVATE KEY-----')) return refuse(`is a private key: was it exchanged with ${key.variable}?`)
  if (text.includes('-----BEGIN CERTIFICATE REQUEST-----'))
    return refuse('is a request for a certificate: name the certificate that was issued for it')
  if (text.includes('-----BEGIN PKCS7-----'))
    return refuse(
      `is PKCS#7: convert it with ${command(`openssl pkcs7 -print_certs -in ${inShell(cert.path)} -out cert.pem`)}`,
    )
  return refuse(binaryOf(content, cert.path) ?? 'is not a certificate in PEM form: it has no BEGIN CERTIFICATE line')
}

function parsed(pem: string | Buffer): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

function privateKeyOf(content: Buffer, { cert, key }: TlsFiles, faults: string[]): KeyObject | null {
  const text = content.toString('latin1')
  const refuse = (what: string) => {
    faults.push(fault(key, what))
    return null
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text))
    return refuse(
      `is protected by a passphrase, which the service cannot know: write it without one, ${command(`openssl pkey -in ${inShell(key.path)} -out key.pem`)}, in a file that only the service may read`,
    )
  if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----'))
    return refuse(
      `is a key in the form of OpenSSH: name the key of the certificate, or convert a copy of it with ${command(`ssh-keygen -p -m PEM -f ${inShell(key.path)}`)}`,
    )
  if (text.includes('PRIVATE KEY-----'))
    try {
      return createPrivateKey(content)
    } catch {
      return refuse('is damaged or cut off: put the whole file there again')
    }
  if (text.includes('-----BEGIN CERTIFICATE-----'))
    return refuse(`is a certificate without a key: was it exchanged with ${cert.variable}?`)
  return refuse(binaryOf(content, key.path) ?? 'is not a private key in PEM form: it has no BEGIN PRIVATE KEY line')
}

/** DER and PKCS#12, which Windows exports, begin with an ASN.1 sequence. */
function binaryOf(content: Buffer, path: string): string | null {
  if (content[0] !== 0x30) return null
  if (parsed(content))
    return `is in DER form: convert it with ${command(`openssl x509 -inform der -in ${inShell(path)} -out cert.pem`)}`
  // PKCS#12 begins with its version, the number 3.
  if (content.subarray(2, 8).includes(Buffer.from([0x02, 0x01, 0x03])))
    return `is PKCS#12 (.pfx, .p12): convert it with ${command(`openssl pkcs12 -in ${inShell(path)} -nodes -out both.pem`)}, which holds certificate and key`
  return `is in DER form: convert it with ${command(`openssl pkey -inform der -in ${inShell(path)} -out key.pem`)}`
}

function dateFaults([leaf]: X509Certificate[], { cert }: TlsFiles, now: Date): string[] {
  if (!leaf) return []
  const day = (date: Date) => date.toISOString().slice(0, 10)
  if (leaf.validToDate < now) return [fault(cert, `expired on ${day(leaf.validToDate)}: put a renewed one there`)]
  if (leaf.validFromDate > now)
    return [fault(cert, `is valid from ${day(leaf.validFromDate)} only: check the clock, or use another`)]
  return []
}

function pairFaults(chain: X509Certificate[], privateKey: KeyObject, { cert, key }: TlsFiles): string[] {
  const ORDER = 'the certificate of the service comes first, then each issuer'
  if (!chain[0]?.checkPrivateKey(privateKey)) {
    if (chain.some((each) => each.checkPrivateKey(privateKey))) return [fault(cert, `is in the wrong order: ${ORDER}`)]
    return [fault(key, `is not the key of the certificate ${resolve(cert.path)}: name the two that belong together`)]
  }
  // A second path to another root may follow; what issued only certificates behind it is in the wrong place.
  const misplaced = chain.some(
    (issuer, at) =>
      at > 0 &&
      !chain.slice(0, at).some((each) => each.checkIssued(issuer)) &&
      chain.slice(at + 1).some((each) => each.checkIssued(issuer)),
  )
  return misplaced ? [fault(cert, `is in the wrong order: ${ORDER}`)] : []
}

/** OpenSSL has the last word, on keys that are too short for instance. */
function refusalOf(pem: Pem, { cert, key }: TlsFiles): string[] {
  try {
    createSecureContext(pem)
    return []
  } catch (error) {
    const reason = (error as { reason?: string }).reason ?? (error as Error).message
    return [`${cert.variable} and ${key.variable}: OpenSSL refuses ${resolve(cert.path)} (${reason}): use another.`]
  }
}

function fault({ variable, path }: File, what: string): string {
  return `${variable}: ${resolve(path)} ${what}.`
}

function command(line: string): string {
  return `"${line}"`
}

/** `path` as one word of a POSIX shell. */
function inShell(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
