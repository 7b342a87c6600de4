import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

/** A variable and the file that it names. */
export interface NamedFile {
  variable: string
  path: string
}

/** What keeps a certificate and its key from being used, each with its variable and path. */
export function certificateFaults(cert: NamedFile, key: NamedFile): string[] {
  const faults: string[] = []
  const given = read(cert, faults, 'no certificate in PEM form', (pem) => ({
    pem,
    certificate: new X509Certificate(pem),
  }))
  const privateKey = read(key, faults, 'no private key in PEM form that can be read without a passphrase', pemKey)
  if (!given || !privateKey) return faults
  if (!given.certificate.checkPrivateKey(privateKey))
    return [`${key.variable} names "${key.path}", which is not the key of the certificate in "${cert.path}".`]
  try {
    createSecureContext({ cert: given.pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) })
  } catch (error) {
    faults.push(`${cert.variable} names "${cert.path}", which TLS refuses (${(error as Error).message}).`)
  }
  return faults
}

function read<T>({ variable, path }: NamedFile, faults: string[], lacks: string, parse: (pem: string) => T): T | null {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    faults.push(`${variable} names "${path}", which cannot be read (${(error as NodeJS.ErrnoException).code}).`)
    return null
  }
  try {
    return parse(pem)
  } catch {
    faults.push(`${variable} names "${path}", which holds ${lacks}.`)
    return null
  }
}

function pemKey(pem: string): KeyObject {
  return createPrivateKey({ key: pem, format: 'pem' })
}
