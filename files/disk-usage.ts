import type { Dirent } from 'node:fs'
import { mkdir, opendir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { HIDDEN_FOLDER } from '../model/team-path.ts'
import { statIfThere } from './disk-stat.ts'
import type { Usage } from './file-area.ts'
import { REMOVED_WITHIN } from './set-aside.ts'
import { MARK } from './team-root.ts'

/** How many entries of a folder are read together. */
const TOGETHER = 128

/** The disk beneath `folder` of a root, which is made where it is missing. */
export async function spaceAround(root: string, folder = root): Promise<{ freeBytes: number; totalBytes: number }> {
  await mkdir(root, { recursive: true })
  const { bavail, blocks, bsize } = await statfs(folder).catch(() => statfs(root))
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

/** Skips what is set aside and the mark of the root; does not follow links. */
export async function usageBelow(root: string): Promise<Usage> {
  const total = { bytes: 0, files: 0, folders: 0 }
  const folders = [root]
  const mark = join(root, MARK)
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for await (const entry of await opendirIfThere(folder)) {
      const disk = join(folder, entry.name)
      if (entry.isDirectory() && !disk.endsWith(`/${REMOVED_WITHIN}`)) {
        folders.push(disk)
        // Hidden folders are ours.
        if (!disk.slice(root.length).split('/').includes(HIDDEN_FOLDER)) total.folders += 1
      }
      if (!entry.isFile() || disk === mark) continue
      total.files += 1
      total.bytes += Number((await statIfThere(disk))?.size ?? 0)
    }
  return total
}

async function opendirIfThere(folder: string): Promise<AsyncIterable<Dirent>> {
  try {
    return await opendir(folder, { bufferSize: TOGETHER })
  } catch (error) {
    // Removed meanwhile; or not ours to read, as `lost+found` of a disk that is mounted here.
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return Readable.from([])
    throw error
  }
}
