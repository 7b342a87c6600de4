import { type BigIntStats, constants, lstatSync } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { nameOf, type TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'
import { onDisk, problemOf } from './disk-problems.ts'
import type { FileEntry } from './file-area.ts'

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants

/** As `statIfThere`, but synchronous: the metadata is nearly always cached. */
export function statNow(disk: string, path: TeamPath): BigIntStats | null {
  try {
    return lstatSync(disk, { bigint: true, throwIfNoEntry: false }) ?? null
  } catch (error) {
    throw problemOf(error, path)
  }
}

export async function statIfThere(disk: string): Promise<BigIntStats | null> {
  try {
    return await lstat(disk, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export function entryOf(path: TeamPath, stats: BigIntStats): FileEntry {
  const bytes = Number(stats.size)
  return {
    name: nameOf(path),
    path,
    kind: stats.isDirectory() ? 'folder' : 'file',
    bytes,
    modifiedAt: stats.mtime,
    changedAt: stats.ctime,
    identity: { device: stats.dev, inode: stats.ino, bytes },
  }
}

export function isThis(stats: BigIntStats | null, { device, inode, bytes }: FileIdentity): boolean {
  return stats !== null && stats.dev === device && stats.ino === inode && Number(stats.size) === bytes
}

/** Flushes the names in a folder: a new one lasts through a power cut only then. `named` is what a refusal names. */
export async function syncFolder(disk: string, named: string): Promise<void> {
  const handle = await onDisk(named, () => open(disk, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
  try {
    await onDisk(named, () => handle.sync())
  } finally {
    await handle.close()
  }
}
