import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import type { TlsFiles } from '../../files/tls-files.ts'

/** A certificate of the operator and its key. */
export function ownFiles(cert: string, key: string): TlsFiles {
  return { cert: { variable: 'FTP_TLS_CERT', path: cert }, key: { variable: 'FTP_TLS_KEY', path: key } }
}

export interface Issued {
  cert: string
  key: string
}

interface Wanted {
  issuer?: Issued
  from?: string
  until?: string
  passphrase?: string
  bits?: number
}

/** A certificate that may sign others, and its key. */
export async function issue(name: string, { issuer, from, until, passphrase, bits }: Wanted = {}): Promise<Issued> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...(bits ? { keyType: 'rsa', keySize: bits } : { keyType: 'ec' }),
    algorithm: 'sha256',
    notBeforeDate: new Date(from ?? '2026-01-01'),
    notAfterDate: new Date(until ?? '2036-01-01'),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
    ...(issuer && { ca: issuer }),
    ...(passphrase && { passphrase }),
  })
  return { cert: made.cert, key: made.private }
}

export async function written(folder: string, name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}
