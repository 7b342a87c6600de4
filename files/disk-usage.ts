import type { Dirent } from 'node:fs'
import { mkdir, opendir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { statIfThere } from './disk-stat.ts'

/** How many entries of a folder are read together. */
const TOGETHER = 128

/** The disk beneath a folder, which is made where it is missing. */
export async function spaceAround(root: string): Promise<{ freeBytes: number; totalBytes: number }> {
  await mkdir(root, { recursive: true })
  const { bavail, blocks, bsize } = await statfs(root)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

/** What all files below a folder take; links are not followed. */
export async function usageBelow(root: string): Promise<{ bytes: number; files: number }> {
  const total = { bytes: 0, files: 0 }
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for await (const entry of await opendirIfThere(folder)) {
      const disk = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(disk)
      if (!entry.isFile()) continue
      total.files += 1
      total.bytes += Number((await statIfThere(disk))?.size ?? 0)
    }
  return total
}

async function opendirIfThere(folder: string): Promise<AsyncIterable<Dirent>> {
  try {
    return await opendir(folder, { bufferSize: TOGETHER })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Readable.from([])
    throw error
  }
}
