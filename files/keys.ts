import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Secrets of this installation. */
export interface Keys {
  /** Holds the secret, the certificates and the host keys. */
  readonly folder: string
  /** 32 random bytes: the key under which passwords are stored. */
  readonly secret: Buffer
}

const SECRET_BYTES = 32

/** Reads the keys of this installation, and makes them at the first start. */
export async function openKeys(folder: string): Promise<Keys> {
  const secret = await keptFile(folder, 'secret', async () => randomBytes(SECRET_BYTES))
  if (secret.length !== SECRET_BYTES)
    throw new Error(`${join(folder, 'secret')} must hold ${SECRET_BYTES} bytes, but holds ${secret.length}`)
  return { folder, secret }
}

/**
 * The content of a file that is made once and then stays. Only its owner may read it. It appears whole or not at all, and
 * of two processes that make it at the same moment both get the one that is kept.
 */
export async function keptFile(folder: string, name: string, make: () => Promise<Buffer>): Promise<Buffer> {
  const path = join(folder, name)
  const kept = await readIfThere(path)
  if (kept) return kept
  const content = await make()
  const temporary = await writeBeside(path, content)
  try {
    await link(temporary, path)
    return content
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return await readFile(path)
  } finally {
    await unlink(temporary)
  }
}

/** Puts `content` in the place of a kept file: a reader finds the old or the new file, never half. */
export async function replaceKept(folder: string, name: string, content: Buffer): Promise<void> {
  const path = join(folder, name)
  await rename(await writeBeside(path, content), path)
}

async function writeBeside(path: string, content: Buffer): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  return temporary
}

export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
