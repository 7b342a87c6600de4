import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { open, utimes } from 'node:fs/promises'
import type { Readable } from 'node:stream'

export interface Copied {
  bytes: number
  sha256: string
}

/** Writes `content` to a new file, and flushes it to the disk. */
export async function writeWhole(content: Readable, to: string, mode = 0o600): Promise<Copied> {
  const hash = createHash('sha256')
  const file = await open(to, 'w', mode)
  let bytes = 0
  try {
    for await (const part of content as AsyncIterable<Buffer>) {
      hash.update(part)
      bytes += part.length
      await file.writeFile(part)
    }
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Copies the content, the mode and the time of a regular file. */
export async function copyFile(from: string, to: string): Promise<Copied & { mode: number; modified: number }> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { mode, atime, mtime, mtimeMs } = await source.stat()
    const copied = await writeWhole(source.createReadStream({ autoClose: false }), to, mode & 0o777)
    await utimes(to, atime, mtime)
    return { ...copied, mode: mode & 0o777, modified: mtimeMs }
  } finally {
    await source.close()
  }
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part)
  return hash.digest('hex')
}
