import { type BigIntStats, constants, type Dirent } from 'node:fs'
import { link, lutimes, mkdir, open, opendir, rename, rmdir, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { folderOf, HIDDEN_FOLDER, nameProblem, pathIn, pathSegments, ROOT, type TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'
import { onDisk, problemOf } from './disk-problems.ts'
import { entryOf, isThis, statIfThere, statNow, syncFolder } from './disk-stat.ts'
import { type FileArea, type FileEntry, FileProblem, type OpenFile, type PendingFile } from './file-area.ts'
import { HiddenFolder } from './hidden-folder.ts'
import { openRegular } from './open-file.ts'
import { GatherBudget } from './pending-file.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
/** How many entries of a folder are looked at together. */
const LIST_BATCH = 128

/**
 * A team's virtual root in a folder of the local disk, made when it is first needed. Areas that share a `budget` share
 * what is gathered in memory before it is written.
 */
export function diskFileArea(rootFolder: string, budget = new GatherBudget()): FileArea {
  return new DiskFileArea(rootFolder, budget)
}

class DiskFileArea implements FileArea {
  readonly #root: string
  readonly #hidden: HiddenFolder

  constructor(root: string, budget: GatherBudget) {
    this.#root = root
    this.#hidden = new HiddenFolder(join(root, HIDDEN_FOLDER), this.#giveName, budget)
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
    return entryOf(path, await this.#stats(path))
  }

  async *list(folder: TeamPath): AsyncGenerator<FileEntry> {
    if (!(await this.#stats(folder)).isDirectory()) throw new FileProblem('not-a-folder', folder)
    const disk = this.#disk(folder)
    let names: string[] = []
    for await (const { name } of await onDisk(folder, () => opendir(disk, { bufferSize: LIST_BATCH }))) {
      if (nameProblem(name) === null) names.push(name)
      if (names.length < LIST_BATCH) continue
      yield* await entriesOf(folder, disk, names)
      names = []
    }
    yield* await entriesOf(folder, disk, names)
  }

  async open(path: TeamPath): Promise<OpenFile> {
    if (!(await this.#stats(path)).isFile()) throw new FileProblem('not-a-file', path)
    return openRegular(this.#disk(path), path)
  }

  async makeFolder(path: TeamPath): Promise<void> {
    await onDisk(path, () => mkdir(this.#root, { recursive: true }))
    let made = ROOT
    for (const segment of pathSegments(path)) {
      const parent = made
      made = pathIn(parent, segment)
      const disk = this.#disk(made)
      const stats = await statIfThere(disk)
      if (stats?.isDirectory()) continue
      if (stats) throw new FileProblem('not-a-folder', made)
      try {
        await onDisk(made, () => mkdir(disk))
      } catch (error) {
        // Another session made it in the same moment.
        if (!(error instanceof FileProblem && error.kind === 'already-exists')) throw error
      }
      await this.#syncFolder(parent)
    }
  }

  async move(from: TeamPath, to: TeamPath, { replace }: { replace: boolean }): Promise<void> {
    if (from === ROOT || to === ROOT) throw new FileProblem('not-allowed', from)
    const moved = await this.#stats(from)
    await this.#checkTarget(to, { isFolder: moved.isDirectory(), replace })
    const [source, target] = [this.#disk(from), this.#disk(to)]
    if (replace || moved.isDirectory()) await onDisk(to, () => rename(source, target))
    else await moveWithoutReplacing(source, target, to)
    await this.#syncFolder(folderOf(to))
    if (folderOf(from) !== folderOf(to)) await this.#syncFolder(folderOf(from))
  }

  async remove(path: TeamPath): Promise<void> {
    if (!(await this.#stats(path)).isFile()) throw new FileProblem('not-a-file', path)
    await onDisk(path, () => unlink(this.#disk(path)))
    await this.#syncFolder(folderOf(path))
  }

  async moveThis(from: TeamPath, identity: FileIdentity, to: TeamPath): Promise<void> {
    await this.#stats(from)
    await this.#checkTarget(to, { isFolder: false, replace: false })
    const [source, target] = [this.#disk(from), this.#disk(to)]
    if (await linked(source, target, to)) {
      if (!isThis(statNow(target, to), identity)) {
        await onDisk(to, () => unlink(target))
        throw new FileProblem('not-found', from)
      }
      await this.#syncFolder(folderOf(to))
      await this.#hidden.takeAway(source, from, identity)
    } else await renameToTaken(source, target, to)
    await this.#syncFolder(folderOf(to))
    if (folderOf(from) !== folderOf(to)) await this.#syncFolder(folderOf(from))
  }

  async removeThis(path: TeamPath, identity: FileIdentity): Promise<void> {
    await this.#stats(folderOf(path))
    await this.#hidden.takeAway(this.#disk(path), path, identity)
    await this.#syncFolder(folderOf(path))
  }

  async removeFolder(path: TeamPath): Promise<void> {
    if (path === ROOT) throw new FileProblem('not-allowed', path)
    if (!(await this.#stats(path)).isDirectory()) throw new FileProblem('not-a-folder', path)
    await onDisk(path, () => rmdir(this.#disk(path)))
    await this.#syncFolder(folderOf(path))
  }

  async setModified(path: TeamPath, at: Date): Promise<void> {
    await this.#stats(path)
    await onDisk(path, () => lutimes(this.#disk(path), at, at))
  }

  async space(): Promise<{ freeBytes: number; totalBytes: number }> {
    await mkdir(this.#root, { recursive: true })
    const { bavail, blocks, bsize } = await statfs(this.#root)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  }

  async usage(): Promise<{ bytes: number; files: number }> {
    const total = { bytes: 0, files: 0 }
    const folders = [this.#root]
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

  readonly #giveName = async (disk: string, path: TeamPath, { flush }: { flush: boolean }): Promise<FileEntry> => {
    await this.#checkTarget(path, { isFolder: false, replace: true })
    await onDisk(path, () => rename(disk, this.#disk(path)))
    if (flush) await this.#syncFolder(folderOf(path))
    return this.stat(path)
  }

  async flushName(path: TeamPath): Promise<void> {
    await this.#syncFolder(folderOf(path))
  }

  /** The folder of a new name must be there, and the name free or, with `replace`, a file's. */
  async #checkTarget(path: TeamPath, as: { isFolder: boolean; replace: boolean }): Promise<void> {
    if (path === ROOT) throw new FileProblem('not-allowed', path)
    const folder = await this.#stats(folderOf(path))
    if (!folder.isDirectory()) throw new FileProblem('not-a-folder', folderOf(path))
    const target = statNow(this.#disk(path), path)
    if (!target) return
    if (!as.replace || as.isFolder) throw new FileProblem('already-exists', path)
    if (!target.isFile()) throw new FileProblem('not-a-file', path)
  }

  /**
   * Looks at each component from the root on, so that no link is ever followed. Refuses anything but a file or a folder.
   * What is looked at is nearly always in the memory of the system: to ask another thread for it would take far longer.
   */
  async #stats(path: TeamPath): Promise<BigIntStats> {
    const segments = pathSegments(path)
    let disk = this.#root
    let stats = statNow(disk, path)
    if (!stats && segments.length === 0) {
      await onDisk(path, () => mkdir(this.#root, { recursive: true }))
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

  #disk(path: TeamPath): string {
    return join(this.#root, ...pathSegments(path))
  }

  /** A new name lasts through a power cut only when its folder is flushed too. */
  async #syncFolder(folder: TeamPath): Promise<void> {
    await syncFolder(this.#disk(folder), folder)
  }
}

async function opendirIfThere(folder: string): Promise<AsyncIterable<Dirent>> {
  try {
    return await opendir(folder, { bufferSize: LIST_BATCH })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Readable.from([])
    throw error
  }
}

/** A crash in between leaves the file under both names. */
async function moveWithoutReplacing(source: string, target: string, to: TeamPath): Promise<void> {
  if (await linked(source, target, to)) await onDisk(to, () => unlink(source))
  else await renameToTaken(source, target, to)
}

/** `link` refuses a taken name in one step, which `rename` does not. False on a file system without hard links. */
async function linked(source: string, target: string, to: TeamPath): Promise<boolean> {
  try {
    await link(source, target)
    return true
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw problemOf(error, to)
  }
}

/** Without hard links: the name is taken by an empty file first. */
async function renameToTaken(source: string, target: string, to: TeamPath): Promise<void> {
  const taken = await onDisk(to, () => open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o640))
  await taken.close()
  await onDisk(to, () => rename(source, target))
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
