import { giveBackUnshared } from '../model/limits/give-back.ts'
import type { TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'
import { onDisk, problemOf } from './disk-problems.ts'
import type { FileEntry, PendingFile } from './file-area.ts'
import type { WrittenFile } from './written-file.ts'

/** Bytes buffered per write: large enough that system calls cost little. */
const MOST_GATHERED = 1 << 20
const LEAST_GATHERED = 64 << 10

export interface PendingFolder {
  giveName: GiveName
  /** Removes the file, now or as soon as the disk lets it. */
  remove: (disk: string) => Promise<void>
}

export type GiveName = (disk: string, path: TeamPath, options: { flush: boolean }) => Promise<FileEntry>

/** Bounds the buffers of all files together, however many arrive at the same time. */
export class GatherBudget {
  readonly #bytes: number
  #files = 0

  constructor(bytes = 16 << 20) {
    this.#bytes = bytes
  }

  /** How much one file may buffer now. */
  get share(): number {
    return Math.min(MOST_GATHERED, Math.max(LEAST_GATHERED, Math.floor(this.#bytes / Math.max(1, this.#files))))
  }

  join(): void {
    this.#files += 1
  }

  leave(): void {
    this.#files -= 1
  }
}

/** A pending file on the disk. While one batch is being written the next is gathered, so that receiving and writing overlap. */
export class DiskPendingFile implements PendingFile {
  readonly temporaryName: string
  readonly #disk: string
  readonly #folder: PendingFolder
  readonly #budget: GatherBudget
  readonly #release: boolean
  /** null once sealed or discarded. */
  #file: WrittenFile | null
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown = null
  #bytes: number

  constructor(
    temporaryName: string,
    disk: string,
    open: { file: WrittenFile | null; bytes: number; release: boolean },
    folder: PendingFolder,
    budget: GatherBudget,
  ) {
    this.temporaryName = temporaryName
    this.#disk = disk
    this.#file = open.file
    this.#bytes = open.bytes
    this.#folder = folder
    this.#budget = budget
    this.#release = open.release
    if (open.file) budget.join()
  }

  get bytes(): number {
    return this.#bytes
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#gathered.push(chunk)
    this.#gatheredBytes += chunk.length
    this.#bytes += chunk.length
    if (this.#gatheredBytes >= this.#budget.share) await this.#flush()
  }

  append(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.length
    this.#writeGathered()
    return this.#writeBehind([bytes], bytes.length)
  }

  async written(): Promise<FileIdentity> {
    await this.#flush()
    await this.#writing
    if (this.#failure) throw this.#failure
    return this.#open().identity
  }

  async seal(): Promise<FileIdentity> {
    const identity = await this.written()
    await onDisk(this.temporaryName, () => this.#open().sync())
    // An error on close does not matter.
    this.#close().catch(() => {})
    return identity
  }

  publish(path: TeamPath, options = { flush: true }): Promise<FileEntry> {
    return this.#folder.giveName(this.#disk, path, options)
  }

  async discard(): Promise<void> {
    this.#gathered = []
    this.#gatheredBytes = 0
    await this.#writing
    // The file is discarded: an error on close does not matter.
    await this.#close().catch(() => {})
    await this.#folder.remove(this.#disk)
  }

  #open(): WrittenFile {
    if (!this.#file) throw new Error('the pending file is already sealed or discarded')
    return this.#file
  }

  async #close(): Promise<void> {
    const file = this.#file
    if (!file) return
    this.#file = null
    this.#budget.leave()
    await file.close()
  }

  /** Waits for the batch before, then starts on this one; a failure surfaces at the next call. */
  async #flush(): Promise<void> {
    await this.#writing
    if (this.#failure) throw this.#failure
    this.#writeGathered()
  }

  #writeGathered(): void {
    if (this.#gatheredBytes === 0) return
    const batch = this.#gathered
    const written = this.#writeBehind(batch, this.#gatheredBytes)
    this.#gathered = []
    this.#gatheredBytes = 0
    const done = () => {
      if (this.#release) for (const chunk of batch) giveBackUnshared(chunk)
    }
    written.then(done, done)
  }

  /** Once a write has failed nothing behind it is written. */
  #writeBehind(batch: Uint8Array[], bytes: number): Promise<void> {
    const file = this.#open()
    const before = this.#writing
    const written = (async () => {
      await before
      if (this.#failure) throw this.#failure
      try {
        await file.append(batch, bytes)
      } catch (error) {
        this.#failure = problemOf(error, this.temporaryName)
        throw this.#failure
      }
    })()
    this.#writing = written.catch(() => {})
    return written
  }
}
