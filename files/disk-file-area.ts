import { constants, renameSync } from 'node:fs'
import { type FileHandle, lutimes, mkdir, open, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { folderOf, nameProblem, pathIn, pathSegments, ROOT, type TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'
import { Digests } from './digests.ts'
import { DiskPace } from './disk-pace.ts'
import { DiskPaths } from './disk-paths.ts'
import { onDisk } from './disk-problems.ts'
import { entryOf, isThis, statIfThere, statNow } from './disk-stat.ts'
import { spaceAround, usageBelow } from './disk-usage.ts'
import { type FileArea, type FileEntry, FileProblem, type OpenFile, type PendingFile, type Usage } from './file-area.ts'
import { type DiskShared, HiddenFolder } from './hidden-folder.ts'
import { Leftovers } from './leftovers.ts'
import { openRegular, ReadBudget } from './open-file.ts'
import { copyAcross, isOtherDisk } from './other-disk.ts'
import { GatherBudget } from './pending-file.ts'
import { linked, moveWithoutReplacing, renameToTaken } from './rename.ts'
import { type RootOwner, TeamRoot } from './team-root.ts'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
/** To free the blocks of a file this large takes noticeably long. */
const FREED_LATER_BYTES = 16n << 20n
/** Folder entries per batch of stat calls. */
const LIST_BATCH = 128

/**
 * A team's virtual root in a folder of the local disk, made when it is first needed. Areas that share a budget share what
 * it bounds. With an `owner` every operation rejects with `RootProblem` once the folder is not the owner's.
 */
export function diskFileArea(
  rootFolder: string,
  gathering = new GatherBudget(),
  reading = new ReadBudget(),
  leftovers = new Leftovers(),
  pace = new DiskPace(),
  digests = new Digests(),
  owner: RootOwner | null = null,
): FileArea {
  return new DiskFileArea(new TeamRoot(rootFolder, owner), { gathering, reading, leftovers, pace, digests })
}

class DiskFileArea implements FileArea {
  readonly #root: TeamRoot
  readonly #paths: DiskPaths
  readonly #hidden: HiddenFolder
  readonly #reading: ReadBudget
  readonly #pace: DiskPace
  readonly #digests: Digests

  constructor(root: TeamRoot, shared: DiskShared) {
    this.#root = root
    this.#paths = new DiskPaths(root)
    this.#reading = shared.reading
    this.#pace = shared.pace
    this.#digests = shared.digests
    this.#hidden = new HiddenFolder(root, this.#giveName, shared)
  }

  receive(options = { release: false }): Promise<PendingFile> {
    return this.#hidden.receive(options)
  }

  resume(temporaryName: string): Promise<PendingFile | null> {
    return this.#hidden.resume(temporaryName)
  }

  openPending(temporaryName: string): Promise<OpenFile> {
    return this.#hidden.open(temporaryName)
  }

  pending(): Promise<string[]> {
    return this.#hidden.pending()
  }

  keepNote(temporaryName: string, text: string): Promise<void> {
    return this.#hidden.keepNote(temporaryName, text)
  }

  notes(): Promise<{ temporaryName: string; text: string }[]> {
    return this.#hidden.notes()
  }

  dropNote(temporaryName: string): Promise<void> {
    return this.#hidden.dropNote(temporaryName)
  }

  async stat(path: TeamPath): Promise<FileEntry> {
    return entryOf(path, await this.#paths.stats(path))
  }

  async *list(folder: TeamPath, wanted: 'all' | 'files' = 'all'): AsyncGenerator<FileEntry> {
    if (!(await this.#paths.stats(folder)).isDirectory()) throw new FileProblem('not-a-folder', folder)
    let names: string[] = []
    const opened = await onDisk(folder, () => opendir(this.#paths.at(folder), { bufferSize: LIST_BATCH }))
    for await (const entry of opened) {
      if (wanted === 'files' && entry.isDirectory()) continue
      if (nameProblem(entry.name) === null) names.push(entry.name)
      if (names.length < LIST_BATCH) continue
      yield* await entriesOf(folder, this.#paths.at(folder), names)
      names = []
    }
    yield* await entriesOf(folder, this.#paths.at(folder), names)
  }

  async open(path: TeamPath): Promise<OpenFile> {
    if (!(await this.#paths.stats(path)).isFile()) throw new FileProblem('not-a-file', path)
    return openRegular(this.#paths.at(path), path, this.#reading)
  }

  sha256(file: OpenFile): Promise<string> {
    return this.#digests.of(file)
  }

  async makeFolder(path: TeamPath): Promise<void> {
    const root = await this.#root.enter()
    await onDisk(path, () => mkdir(root, { recursive: true }))
    let made = ROOT
    for (const segment of pathSegments(path)) {
      const parent = made
      made = pathIn(parent, segment)
      const disk = this.#paths.at(made)
      const stats = await statIfThere(disk)
      if (stats?.isDirectory()) continue
      if (stats) throw new FileProblem('not-a-folder', made)
      try {
        await onDisk(made, () => mkdir(disk))
      } catch (error) {
        // Another session made it in the same moment.
        if (!(error instanceof FileProblem && error.kind === 'already-exists')) throw error
      }
      await this.#paths.flush(parent)
    }
  }

  async move(from: TeamPath, to: TeamPath, { replace }: { replace: boolean }): Promise<FileIdentity | null> {
    if (from === ROOT || to === ROOT) throw new FileProblem('not-allowed', from)
    const moved = await this.#paths.stats(from)
    await this.#paths.checkTarget(to, { isFolder: moved.isDirectory(), replace })
    // A copy takes long, so the target is looked at again.
    const giveName = (disk: string) => {
      const target = this.#paths.at(to)
      return replace || moved.isDirectory()
        ? onDisk(to, () => rename(disk, target))
        : moveWithoutReplacing(disk, target, to)
    }
    let changed: FileIdentity | null = null
    try {
      await giveName(this.#paths.at(from))
    } catch (error) {
      if (moved.isDirectory() || !isOtherDisk(error)) throw error
      changed = await this.#moveAcross(from, to, giveName)
    }
    await this.#paths.flush(folderOf(to))
    if (folderOf(from) !== folderOf(to)) await this.#paths.flush(folderOf(from))
    return changed
  }

  async remove(path: TeamPath): Promise<void> {
    if (!(await this.#paths.stats(path)).isFile()) throw new FileProblem('not-a-file', path)
    await onDisk(path, () => unlink(this.#paths.at(path)))
    await this.#paths.flush(folderOf(path))
  }

  async moveThis(from: TeamPath, identity: FileIdentity, to: TeamPath): Promise<void> {
    await this.#paths.stats(from)
    await this.#paths.checkTarget(to, { isFolder: false, replace: false })
    const [source, target] = [this.#paths.at(from), this.#paths.at(to)]
    const link = await linked(source, target, to).catch((error) => {
      if (isOtherDisk(error)) return 'other-disk' as const
      throw error
    })
    if (link === 'other-disk')
      await this.#moveAcross(from, to, (copy) => moveWithoutReplacing(copy, this.#paths.at(to), to), identity)
    else if (link) {
      if (!isThis(statNow(target, to), identity)) {
        await onDisk(to, () => unlink(target))
        throw new FileProblem('not-found', from)
      }
      await this.#paths.flush(folderOf(to))
      await this.#hidden.takeAway(source, from, identity)
    } else await renameToTaken(source, target, to)
    await this.#paths.flush(folderOf(to))
    if (folderOf(from) !== folderOf(to)) await this.#paths.flush(folderOf(from))
  }

  async removeThis(path: TeamPath, identity: FileIdentity, sha256: string | null = null): Promise<void> {
    await this.#paths.stats(folderOf(path))
    await this.#hidden.takeAway(this.#paths.at(path), path, identity, sha256)
    await this.#paths.flush(folderOf(path))
  }

  async removeFolder(path: TeamPath): Promise<void> {
    if (path === ROOT) throw new FileProblem('not-allowed', path)
    if (!(await this.#paths.stats(path)).isDirectory()) throw new FileProblem('not-a-folder', path)
    await onDisk(path, () => rmdir(this.#paths.at(path)))
    await this.#paths.flush(folderOf(path))
  }

  async setModified(path: TeamPath, at: Date): Promise<void> {
    await this.#paths.stats(path)
    await onDisk(path, () => lutimes(this.#paths.at(path), at, at))
  }

  async space(folder = ROOT): Promise<{ freeBytes: number; totalBytes: number }> {
    return spaceAround(await this.#root.enter(), this.#paths.at(folder))
  }

  async usage(): Promise<Usage> {
    return usageBelow(await this.#root.enter())
  }

  /** The copy lasts before the file is taken away. `identity` tells which file is meant. */
  async #moveAcross(
    from: TeamPath,
    to: TeamPath,
    giveName: (copy: string) => Promise<void>,
    identity?: FileIdentity,
  ): Promise<FileIdentity> {
    const [source, target] = [this.#paths.at(from), this.#paths.at(to)]
    const copied = await copyAcross(source, target, from, giveName, identity)
    await this.#paths.flush(folderOf(to))
    await this.#hidden.takeAway(source, from, copied)
    return (await this.stat(to)).identity
  }

  readonly #giveName = async (disk: string, path: TeamPath, { flush }: { flush: boolean }): Promise<FileEntry> => {
    await this.#paths.checkTarget(path, { isFolder: false, replace: true })
    const replaced = await this.#openLarge(path)
    const target = this.#paths.at(path)
    try {
      await onDisk(path, () =>
        this.#pace.run(
          () => renameSync(disk, target),
          () => rename(disk, target),
        ),
      ).catch(async (error) => {
        if (!isOtherDisk(error)) throw error
        const giveName = (copy: string) => onDisk(path, () => rename(copy, this.#paths.at(path)))
        await copyAcross(disk, target, path, giveName)
        await this.#paths.flush(folderOf(path))
        await onDisk(path, () => unlink(disk))
      })
    } finally {
      // The last to close a file without a name frees its blocks.
      replaced?.close().catch(() => {})
    }
    if (flush) await this.#paths.flush(folderOf(path))
    return this.stat(path)
  }

  /** Keeps a large file open while it is replaced: the rename need not wait until its blocks are free. */
  async #openLarge(path: TeamPath): Promise<FileHandle | null> {
    const disk = this.#paths.at(path)
    if ((statNow(disk, path)?.size ?? 0n) < FREED_LATER_BYTES) return null
    return open(disk, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null)
  }

  async flushName(path: TeamPath): Promise<void> {
    await this.#root.enter()
    await this.#paths.flush(folderOf(path))
  }
}

async function entriesOf(folder: TeamPath, disk: string, names: string[]): Promise<FileEntry[]> {
  const all = await Promise.all(
    names.map(async (name) => {
      const stats = await statIfThere(join(disk, name))
      return stats?.isFile() || stats?.isDirectory() ? [entryOf(pathIn(folder, name), stats)] : []
    }),
  )
  return all.flat()
}
