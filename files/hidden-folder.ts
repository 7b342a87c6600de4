import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HIDDEN_FOLDER, type TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'
import type { Digests } from './digests.ts'
import type { DiskPace } from './disk-pace.ts'
import { onDisk } from './disk-problems.ts'
import { isThis, statIfThere, syncFolder } from './disk-stat.ts'
import { FileProblem, type FileProblemKind, type OpenFile } from './file-area.ts'
import type { Leftovers } from './leftovers.ts'
import { openRegular, type ReadBudget } from './open-file.ts'
import { hiddenBeside, hiddenNameOf, inMovingFolder, isOtherDisk, leaveMovingFolder } from './other-disk.ts'
import { DiskPendingFile, type GatherBudget, type GiveName, type PendingFolder } from './pending-file.ts'
import type { TeamRoot } from './team-root.ts'
import { WrittenFile } from './written-file.ts'

const TEMPORARY_NAME = /^[0-9a-f]{32}$/
const NOTE_SUFFIX = '.note'

/** Shared by all file areas. */
export interface DiskShared {
  /** Bounds the bytes buffered before a write. */
  gathering: GatherBudget
  reading: ReadBudget
  leftovers: Leftovers
  pace: DiskPace
  digests: Digests
}

/** Holds pending files and notes about them; no client can name a path in it. */
export class HiddenFolder {
  readonly #root: TeamRoot
  readonly #pending: PendingFolder
  readonly #budget: GatherBudget
  readonly #reading: ReadBudget
  readonly #leftovers: Leftovers
  readonly #pace: DiskPace
  readonly #digests: Digests

  constructor(root: TeamRoot, giveName: GiveName, { gathering, reading, leftovers, pace, digests }: DiskShared) {
    this.#root = root
    this.#pending = { giveName, remove: (disk) => this.#remove(disk) }
    this.#budget = gathering
    this.#reading = reading
    this.#leftovers = leftovers
    this.#pace = pace
    this.#digests = digests
  }

  get #folder(): string {
    return join(this.#root.folder, HIDDEN_FOLDER)
  }

  async receive({ release } = { release: false }): Promise<DiskPendingFile> {
    await this.#root.enter()
    const name = randomUUID().replaceAll('-', '')
    const disk = join(this.#folder, name)
    const file = await onDisk(name, () => this.#inFolder(() => WrittenFile.create(disk, this.#pace)))
    return new DiskPendingFile(name, disk, { file, bytes: 0, release }, this.#pending, this.#budget)
  }

  async resume(temporaryName: string): Promise<DiskPendingFile | null> {
    await this.#root.enter()
    if (!TEMPORARY_NAME.test(temporaryName)) return null
    const disk = join(this.#folder, temporaryName)
    const stats = await statIfThere(disk)
    if (!stats?.isFile()) return null
    return new DiskPendingFile(
      temporaryName,
      disk,
      { file: null, bytes: Number(stats.size), release: false },
      this.#pending,
      this.#budget,
    )
  }

  async open(temporaryName: string): Promise<OpenFile> {
    await this.#root.enter()
    const path = `/${temporaryName}` as TeamPath
    if (!TEMPORARY_NAME.test(temporaryName)) throw new FileProblem('not-found', path)
    return openRegular(join(this.#folder, temporaryName), path, this.#reading)
  }

  /**
   * Removes that very file from `disk`. Check-then-delete races with a replacement: rename it to a hidden name, check its
   * identity there, rename it back if it is another file. The hidden name follows from the file, so that a repetition
   * after a crash finds what is left; its bytes tell it, where a restore came in between.
   */
  async takeAway(disk: string, path: TeamPath, identity: FileIdentity, sha256: string | null = null): Promise<void> {
    const hidden = join(this.#folder, hiddenNameOf(identity))
    const beside = hiddenBeside(disk, identity)
    const hide = async () => {
      try {
        await onDisk(path, () => this.#inFolder(() => rename(disk, hidden)))
      } catch (error) {
        if (!isOtherDisk(error)) throw error
        await inMovingFolder(disk, () => onDisk(path, () => rename(disk, beside)))
      }
    }
    const hid = await hide().then(
      () => true,
      (error) => unlessGone(error),
    )
    // Compare by hash only what an earlier attempt has hidden.
    const known = hid ? null : sha256
    for (const aside of [hidden, beside]) await this.#clear(aside, disk, path, identity, known)
    await leaveMovingFolder(disk)
  }

  /** The name is free from here on, so what the disk refuses now may come later. */
  async #clear(
    hidden: string,
    disk: string,
    path: TeamPath,
    identity: FileIdentity,
    sha256: string | null,
  ): Promise<void> {
    await this.#leftovers.clear(hidden, async () => {
      if (this.#root.isOthers) return
      const stats = await statIfThere(hidden)
      if (!stats) return
      const isIt = isThis(stats, identity) || (await this.#holds(hidden, path, identity.bytes, sha256))
      // Where yet another has come under the name by now, it has replaced this one.
      if (!isIt) await onDisk(path, () => link(hidden, disk)).catch(unlessTaken)
      await onDisk(path, () => unlink(hidden)).catch(unlessGone)
    })
  }

  async #holds(hidden: string, path: TeamPath, bytes: number, sha256: string | null): Promise<boolean> {
    if (sha256 === null) return false
    const file = await openRegular(hidden, path, this.#reading)
    try {
      return file.entry.bytes === bytes && (await this.#digests.of(file)) === sha256
    } finally {
      await file.close()
    }
  }

  async pending(): Promise<string[]> {
    return (await this.#names()).filter((name) => TEMPORARY_NAME.test(name))
  }

  async keepNote(temporaryName: string, text: string): Promise<void> {
    await this.#root.enter()
    const disk = this.#noteOf(temporaryName)
    this.#leftovers.keep(disk)
    await onDisk(temporaryName, () =>
      this.#inFolder(async () => {
        const file = await open(disk, 'w', 0o640)
        try {
          await file.writeFile(text)
          await file.sync()
        } finally {
          await file.close()
        }
      }),
    )
    await syncFolder(this.#folder, temporaryName)
  }

  async notes(): Promise<{ temporaryName: string; text: string }[]> {
    const names = (await this.#names()).filter((name) => name.endsWith(NOTE_SUFFIX))
    return Promise.all(
      names.map(async (name) => ({
        temporaryName: name.slice(0, -NOTE_SUFFIX.length),
        text: await readFile(join(this.#folder, name), 'utf8'),
      })),
    )
  }

  async dropNote(temporaryName: string): Promise<void> {
    await this.#root.enter()
    await this.#remove(this.#noteOf(temporaryName))
  }

  #noteOf(temporaryName: string): string {
    return join(this.#folder, temporaryName + NOTE_SUFFIX)
  }

  #remove(disk: string): Promise<void> {
    return this.#leftovers.clear(disk, async () => {
      // It has gone with the root of its team.
      if (this.#root.isOthers) return
      await onDisk(disk, () => unlink(disk)).catch(unlessGone)
    })
  }

  /** Does `work` in the folder, which is made where it is missing. */
  async #inFolder<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await mkdir(this.#folder, { recursive: true })
      return work()
    }
  }

  async #names(): Promise<string[]> {
    await this.#root.enter()
    try {
      return await readdir(this.#folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

const unless =
  (kind: FileProblemKind) =>
  (error: unknown): false => {
    if (!(error instanceof FileProblem && error.kind === kind)) throw error
    return false
  }
const unlessGone = unless('not-found')
const unlessTaken = unless('already-exists')
