/** Memory that several threads see at once. */
export interface Slab {
  readonly memory: Uint8Array<SharedArrayBuffer>
  /** By which other threads remember it; null for one that does not last. */
  readonly number: number | null
}

const LARGE_BYTES = 512 << 10
const MOST_LARGE = 16
const SMALL_BYTES = 64 << 10
const SMALL_KEPT = 128
/** So many of one upload may be on their way to the disk while it fills another. */
const MOST_AHEAD = 3
const LEAST_AHEAD = 1

/**
 * The memory through which all large uploads go. What many of them together take is bounded: where the large slabs are
 * all in use an upload has two small ones.
 */
export class SlabPool {
  readonly #large: Slab[] = []
  readonly #small: Slab[] = []
  #largeMade = 0

  /** One more for an upload that has `ahead` on their way; null where it has to wait for one of those. */
  take(ahead: number): Slab | null {
    if (ahead <= MOST_AHEAD) {
      const large = this.#large.pop()
      if (large) return large
      if (this.#largeMade < MOST_LARGE) {
        this.#largeMade += 1
        return newSlab(LARGE_BYTES, this.#largeMade)
      }
    }
    return ahead <= LEAST_AHEAD ? (this.#small.pop() ?? newSlab(SMALL_BYTES, null)) : null
  }

  give(slab: Slab): void {
    if (slab.number !== null) this.#large.push(slab)
    else if (this.#small.length < SMALL_KEPT) this.#small.push(slab)
  }
}

function newSlab(bytes: number, number: number | null): Slab {
  return { memory: new Uint8Array(new SharedArrayBuffer(bytes)), number }
}
