import { closeSync, constants, fstatSync, fsync, open, openSync, write, writev, writevSync } from 'node:fs'
import { promisify } from 'node:util'
import type { FileIdentity } from '../model/upload.ts'
import type { DiskPace } from './disk-pace.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
const NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
const MODE = 0o640
/** Writes up to this size go into the page cache at once. */
const SMALL_BYTES = 64 << 10

const elsewhere = { open: promisify(open), write: promisify(write), writev: promisify(writev), fsync: promisify(fsync) }

/** A new file, open to be written. */
export class WrittenFile {
  /** null once closed: the number may be another file's then. */
  #number: number | null
  readonly #pace: DiskPace
  /** In progress on other threads. */
  readonly #going = new Set<Promise<unknown>>()

  private constructor(number: number, pace: DiskPace) {
    this.#number = number
    this.#pace = pace
  }

  static async create(disk: string, pace: DiskPace): Promise<WrittenFile> {
    const fd = await pace.run(
      () => openSync(disk, NEW_FILE, MODE),
      () => elsewhere.open(disk, NEW_FILE, MODE),
    )
    return new WrittenFile(fd, pace)
  }

  get identity(): FileIdentity {
    const { dev, ino, size } = fstatSync(this.#fd, { bigint: true })
    return { device: dev, inode: ino, bytes: Number(size) }
  }

  /** A disk that is nearly full takes a part of a write without an error; the rest is then refused with one. */
  async append(pieces: Uint8Array[], bytes: number): Promise<void> {
    const written = await this.#append(pieces, bytes)
    if (written === bytes) return
    const rest = Buffer.concat(pieces).subarray(written)
    for (let done = 0; done < rest.length; )
      done += (await this.#during(elsewhere.write(this.#fd, rest, done))).bytesWritten
  }

  sync(): Promise<void> {
    return this.#during(elsewhere.fsync(this.#fd))
  }

  async close(): Promise<void> {
    const fd = this.#fd
    this.#number = null
    await Promise.allSettled(this.#going)
    closeSync(fd)
  }

  get #fd(): number {
    if (this.#number === null) throw new Error('the file is closed')
    return this.#number
  }

  async #append(pieces: Uint8Array[], bytes: number): Promise<number> {
    const inThread = async () => (await this.#during(elsewhere.writev(this.#fd, pieces))).bytesWritten
    return bytes <= SMALL_BYTES ? this.#pace.run(() => writevSync(this.#fd, pieces), inThread) : inThread()
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.#going.add(work)
    try {
      return await work
    } finally {
      this.#going.delete(work)
    }
  }
}
