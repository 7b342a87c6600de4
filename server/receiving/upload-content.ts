import { createHash } from 'node:crypto'
import type { PendingFile } from '../../files/file-area.ts'
import type { Allowance } from '../../files/storage-guard.ts'
import { giveBackUnshared } from '../../model/limits/give-back.ts'
import { HashThreads } from './hash-threads.ts'
import { SlabPool } from './slab-pool.ts'
import { SlabWriter } from './slab-writer.ts'

/** Up to this size, hashed and written at the end in one step. */
const SMALL_BYTES = 32 << 10
/** A client may send it byte by byte. */
const MOST_PIECES = 64

/** Shared by all uploads. */
export interface Receiving {
  readonly slabs: SlabPool
  readonly hashes: HashThreads
}

export function receiving(): Receiving {
  return { slabs: new SlabPool(), hashes: new HashThreads() }
}

/** The bytes of one upload on their way into its pending file and its SHA-256. */
export class UploadContent {
  readonly #shared: Receiving
  readonly #pending: PendingFile
  readonly #allowance: Allowance
  readonly #release: boolean
  #held: Buffer[] = []
  #heldBytes = 0
  #large: SlabWriter | null = null

  /** With `release` the memory of the chunks that it is given is freed as soon as they are copied. */
  constructor(shared: Receiving, pending: PendingFile, allowance: Allowance, options = { release: false }) {
    this.#release = options.release
    this.#shared = shared
    this.#pending = pending
    this.#allowance = allowance
  }

  /** How many bytes have come. */
  get bytes(): number {
    return this.#large?.bytes ?? this.#heldBytes
  }

  /** Takes the rest of a large upload; null while it is small. */
  get large(): SlabWriter | null {
    return this.#large
  }

  /** Resolves when more may come; `chunk` belongs to the upload from now on. */
  async write(chunk: Buffer): Promise<void> {
    if (this.#large) {
      await this.#large.write(chunk)
      if (this.#release) giveBackUnshared(chunk)
      return
    }
    await this.#allowance.take(chunk.length)
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    if (this.#heldBytes > SMALL_BYTES) await this.#grow()
    else if (this.#held.length > MOST_PIECES) this.#held = [Buffer.concat(this.#held)]
  }

  /** Everything is there. Answers its SHA-256. */
  async end(): Promise<string> {
    if (this.#large) return this.#large.end()
    const hash = createHash('sha256')
    for (const chunk of this.#held) hash.update(chunk)
    await this.#writeHeld()
    return hash.digest('hex')
  }

  /** The upload broke off: writes as much of it as possible. Never rejects. */
  async abandon(): Promise<void> {
    if (this.#large) return this.#large.abandon()
    try {
      await this.#writeHeld()
    } catch {
      // The next write meets the same failure.
    }
  }

  async #grow(): Promise<void> {
    const { slabs, hashes } = this.#shared
    this.#large = new SlabWriter(slabs, hashes.begin(), this.#pending, this.#allowance, this.#heldBytes)
    for (const chunk of this.#held.splice(0)) {
      await this.#large.write(chunk)
      if (this.#release) giveBackUnshared(chunk)
    }
  }

  async #writeHeld(): Promise<void> {
    for (const chunk of this.#held.splice(0)) await this.#pending.write(chunk)
  }
}
