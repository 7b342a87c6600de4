import { createHash } from 'node:crypto'
import ssh2 from 'ssh2'
import { keptFile } from '../../files/keys.ts'

/** Prove to clients that they talk to this installation. */
export interface HostKeys {
  /** Private keys in OpenSSH's format, the one to be preferred first. */
  readonly privateKeys: readonly Buffer[]
  /** `SHA256:...` of each, as clients show them to people. */
  readonly fingerprints: readonly string[]
}

/** Clients from before 2014 know no Ed25519. */
const KINDS = [
  { name: 'ed25519', make: () => generate('ed25519') },
  { name: 'rsa', make: () => generate('rsa', { bits: 3072 }) },
] as const

/** Loads the host keys from `keysFolder`, made at the first start. */
export async function loadHostKeys(keysFolder: string): Promise<HostKeys> {
  const privateKeys: Buffer[] = []
  for (const { name, make } of KINDS) privateKeys.push(await keptFile(keysFolder, `sftp-host-${name}`, make))
  return { privateKeys, fingerprints: privateKeys.map(fingerprint) }
}

function fingerprint(privateKey: Buffer): string {
  const key = ssh2.utils.parseKey(privateKey)
  if (key instanceof Error) throw new Error('a host key in the keys folder cannot be read', { cause: key })
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`
}

type Kind = ['ed25519'] | ['rsa', { bits: number }]

/** About one in a hundred of ssh2's Ed25519 keys is written one byte short and cannot be read again, so each is tried. */
async function generate(...kind: Kind): Promise<Buffer> {
  for (;;) {
    const key = await generateOnce(kind)
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key
  }
}

function generateOnce(kind: Kind): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, keys: { private: string }) =>
      error ? reject(error) : resolve(Buffer.from(keys.private))
    if (kind[0] === 'rsa') ssh2.utils.generateKeyPair('rsa', kind[1], done)
    else ssh2.utils.generateKeyPair('ed25519', done)
  })
}
