import type { FileHandle } from 'node:fs/promises'
import { unlink } from 'node:fs/promises'
import type { TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'
import { onDisk, problemOf } from './disk-problems.ts'
import type { FileEntry, PendingFile } from './file-area.ts'

/** What is gathered before it is written: large enough that system calls cost little. */
const BATCH_BYTES = 1 << 20

/** A pending file on the disk. While one batch is being written the next is gathered, so that receiving and writing overlap. */
export class DiskPendingFile implements PendingFile {
  readonly temporaryName: string
  readonly #disk: string
  readonly #giveName: (disk: string, path: TeamPath) => Promise<FileEntry>
  /** null once sealed or discarded. */
  #handle: FileHandle | null
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown = null
  #bytes: number

  constructor(
    temporaryName: string,
    disk: string,
    open: { handle: FileHandle | null; bytes: number },
    giveName: (disk: string, path: TeamPath) => Promise<FileEntry>,
  ) {
    this.temporaryName = temporaryName
    this.#disk = disk
    this.#handle = open.handle
    this.#bytes = open.bytes
    this.#giveName = giveName
  }

  get bytes(): number {
    return this.#bytes
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#gathered.push(chunk)
    this.#gatheredBytes += chunk.length
    this.#bytes += chunk.length
    if (this.#gatheredBytes >= BATCH_BYTES) await this.#flush()
  }

  async seal(): Promise<FileIdentity> {
    await this.#flush()
    await this.#writing
    if (this.#failure) throw this.#failure
    const handle = this.#handle
    if (!handle) throw new Error('the pending file is already sealed or discarded')
    const { dev, ino, size } = await onDisk(this.temporaryName, async () => {
      await handle.sync()
      return handle.stat({ bigint: true })
    })
    this.#handle = null
    await handle.close()
    return { device: dev, inode: ino, bytes: Number(size) }
  }

  publish(path: TeamPath): Promise<FileEntry> {
    return this.#giveName(this.#disk, path)
  }

  async discard(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    this.#gathered = []
    await this.#writing
    await handle?.close()
    try {
      await unlink(this.#disk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw problemOf(error, this.temporaryName)
    }
  }

  /** Waits for the batch before, then starts on this one; what goes wrong with it is told at the next call. */
  async #flush(): Promise<void> {
    await this.#writing
    if (this.#failure) throw this.#failure
    const batch = this.#gathered
    const bytes = this.#gatheredBytes
    const handle = this.#handle
    if (bytes === 0) return
    if (!handle) throw new Error('the pending file is already sealed or discarded')
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#writing = writeAll(handle, batch, bytes).catch((error: unknown) => {
      this.#failure = problemOf(error, this.temporaryName)
    })
  }
}

/** A disk that is nearly full takes a part of a write without an error; the rest is then refused with one. */
async function writeAll(handle: FileHandle, batch: Buffer[], bytes: number): Promise<void> {
  const { bytesWritten } = await handle.writev(batch)
  if (bytesWritten === bytes) return
  const rest = Buffer.concat(batch).subarray(bytesWritten)
  for (let written = 0; written < rest.length; ) written += (await handle.write(rest, written)).bytesWritten
}
