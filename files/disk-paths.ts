import type { BigIntStats } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { folderOf, pathSegments, ROOT, type TeamPath } from '../model/team-path.ts'
import { onDisk } from './disk-problems.ts'
import { statNow, syncFolder } from './disk-stat.ts'
import { FileProblem } from './file-area.ts'
import type { TeamRoot } from './team-root.ts'

/** Maps the paths of one virtual root to the disk, and checks them. */
export class DiskPaths {
  readonly #root: TeamRoot

  constructor(root: TeamRoot) {
    this.#root = root
  }

  at(path: TeamPath): string {
    return join(this.#root.folder, ...pathSegments(path))
  }

  /**
   * Checks each path segment from the root, so that no link is ever followed. Refuses anything but a file or a folder.
   * Synchronous: the metadata is nearly always cached, and the thread pool would take far longer.
   */
  async stats(path: TeamPath): Promise<BigIntStats> {
    const segments = pathSegments(path)
    let disk = await this.#root.enter()
    let stats = statNow(disk, path)
    if (!stats && segments.length === 0) {
      await onDisk(path, () => mkdir(this.#root.folder, { recursive: true }))
      stats = statNow(disk, path)
    }
    for (const segment of segments) {
      if (!stats?.isDirectory()) throw new FileProblem('not-found', path)
      disk = join(disk, segment)
      stats = statNow(disk, path)
      if (stats?.isSymbolicLink()) throw new FileProblem('not-allowed', path)
    }
    if (!stats) throw new FileProblem('not-found', path)
    if (!stats.isFile() && !stats.isDirectory()) throw new FileProblem('not-a-file', path)
    return stats
  }

  /** The folder of a new name must be there, and the name free or, with `replace`, a file's. */
  async checkTarget(path: TeamPath, as: { isFolder: boolean; replace: boolean }): Promise<void> {
    if (path === ROOT) throw new FileProblem('not-allowed', path)
    const folder = await this.stats(folderOf(path))
    if (!folder.isDirectory()) throw new FileProblem('not-a-folder', folderOf(path))
    const target = statNow(this.at(path), path)
    if (!target) return
    if (!as.replace || as.isFolder) throw new FileProblem('already-exists', path)
    if (!target.isFile()) throw new FileProblem('not-a-file', path)
  }

  /** A new name lasts through a power cut only when its folder is flushed too. */
  async flush(folder: TeamPath): Promise<void> {
    await syncFolder(this.at(folder), folder)
  }
}
