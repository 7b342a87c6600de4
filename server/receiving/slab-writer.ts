import type { PendingFile } from '../../files/file-area.ts'
import type { Allowance } from '../../files/storage-guard.ts'
import type { ThreadHash } from './hash-threads.ts'
import type { Slab, SlabPool } from './slab-pool.ts'

/**
 * Takes a large upload slab by slab: while one is filled, those before are hashed by another thread and written by the
 * file system, both from that same memory.
 */
export class SlabWriter {
  readonly #pool: SlabPool
  readonly #hash: ThreadHash
  readonly #pending: PendingFile
  readonly #allowance: Allowance
  #slab: Slab | null
  #filled = 0
  #bytes = 0
  /** The slabs that are on their way, from the oldest on. */
  readonly #ahead: Promise<void>[] = []
  #admitted: Promise<void> = Promise.resolve()
  /** Hands a slab over that is free again, where one is waited for. */
  #wanted: ((slab: Slab) => void) | null = null
  readonly #failed = Promise.withResolvers<Error>()
  #failure: { error: unknown } | null = null
  #closed = false
  #admittedAhead: number

  /** For the first `admitted` bytes the allowance has been asked already. */
  constructor(pool: SlabPool, hash: ThreadHash, pending: PendingFile, allowance: Allowance, admitted: number) {
    this.#pool = pool
    this.#hash = hash
    this.#pending = pending
    this.#allowance = allowance
    this.#admittedAhead = admitted
    this.#slab = pool.take(0)
  }

  /** Resolves with the fault as soon as a slab could not be kept. */
  get failed(): Promise<Error> {
    return this.#failed.promise
  }

  /** How many bytes have come. */
  get bytes(): number {
    return this.#bytes
  }

  /** Where the next bytes go; not there while one waits. */
  get room(): Uint8Array {
    if (!this.#slab) throw new Error('there is no room before a slab is free')
    return this.#slab.memory.subarray(this.#filled)
  }

  /** The first `bytes` of the room are taken. Answers what to wait for before there is more room, null where there is. */
  filled(bytes: number): Promise<void> | null {
    this.#filled += bytes
    this.#bytes += bytes
    if (this.#filled < (this.#slab?.memory.length ?? 0)) return null
    this.#send()
    if (this.#failure) return Promise.reject(this.#failure.error)
    this.#slab = this.#pool.take(this.#ahead.length)
    if (this.#slab) return null
    return new Promise<Slab>((resolve) => {
      this.#wanted = resolve
    }).then((slab) => {
      if (this.#closed) this.#pool.give(slab)
      else this.#slab = slab
      if (this.#failure) throw this.#failure.error
      if (this.#closed) throw new Error('the upload was broken off')
    })
  }

  /** Copies `chunk`; answers as `filled`. */
  write(chunk: Uint8Array): Promise<void> | null {
    const { room } = this
    const fits = Math.min(chunk.length, room.length)
    room.set(chunk.subarray(0, fits))
    const free = this.filled(fits)
    const rest = chunk.subarray(fits)
    if (rest.length === 0) return free
    return free ? free.then(async () => this.write(rest) ?? undefined) : this.write(rest)
  }

  /** Everything is there. Answers its SHA-256 once all of it is written. */
  async end(): Promise<string> {
    await this.#settle()
    if (this.#failure) throw this.#failure.error
    return this.#hash.digest()
  }

  /** The upload broke off: writes as much of it as possible. Never rejects. */
  async abandon(): Promise<void> {
    await this.#settle()
    this.#hash.drop()
  }

  async #settle(): Promise<void> {
    this.#closed = true
    if (this.#filled > 0) this.#send()
    else if (this.#slab) this.#pool.give(this.#slab)
    this.#slab = null
    while (this.#ahead.length > 0) await this.#ahead[0]
  }

  #send(): void {
    const slab = this.#slab as Slab
    const kept = this.#keep(slab, this.#filled)
    this.#slab = null
    this.#filled = 0
    this.#ahead.push(kept)
    void kept.then(() => {
      // Those behind one that could not be kept are done before it.
      this.#ahead.splice(this.#ahead.indexOf(kept), 1)
      if (this.#wanted) this.#wanted(slab)
      else this.#pool.give(slab)
      this.#wanted = null
    })
  }

  /** Resolves when the bytes are no longer read. Once one slab could not be kept, none behind it is. */
  async #keep(slab: Slab, length: number): Promise<void> {
    const due = Math.max(0, length - this.#admittedAhead)
    this.#admittedAhead -= length - due
    const before = this.#admitted
    this.#admitted = (async () => {
      await before
      await this.#allowance.take(due)
    })()
    try {
      await this.#admitted
    } catch (error) {
      return this.#fail(error)
    }
    const bytes = slab.memory.subarray(0, length)
    for (const done of await Promise.allSettled([this.#hash.update(slab, length), this.#pending.append(bytes)]))
      if (done.status === 'rejected') this.#fail(done.reason)
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#failed.resolve(error as Error)
  }
}
