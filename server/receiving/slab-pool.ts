/** Memory that several threads see at once. */
export interface Slab {
  readonly memory: Uint8Array<SharedArrayBuffer>
  /** By which other threads remember it; null for one that does not last. */
  readonly number: number | null
}

const LARGE_BYTES = 512 << 10
const MOST_LARGE = 12
const SMALL_BYTES = 64 << 10
const MOST_SMALL = 256
/** So many large ones of one upload may be on their way to the disk while it fills another. */
const MOST_AHEAD = 3

/**
 * The memory through which all large uploads go. What many of them together take is bounded: where the large slabs are
 * all in use an upload has a small one. Slabs are used again and again: left to the garbage collector they would pile up.
 */
export class SlabPool {
  readonly #large: Slab[] = []
  readonly #small: Slab[] = []
  #largeMade = 0
  #smallMade = 0

  /** One more for an upload that has `ahead` on their way; null where it has to wait for one of those. */
  take(ahead: number): Slab | null {
    if (ahead <= MOST_AHEAD) {
      const large = this.#large.pop()
      if (large) return large
      if (this.#largeMade < MOST_LARGE) return newSlab(LARGE_BYTES, this.#largeMade++)
    }
    if (ahead > 0) return null
    const small = this.#small.pop()
    if (small) return small
    return newSlab(SMALL_BYTES, this.#smallMade < MOST_SMALL ? MOST_LARGE + this.#smallMade++ : null)
  }

  give(slab: Slab): void {
    if (slab.number === null) return
    if (slab.number < MOST_LARGE) this.#large.push(slab)
    else this.#small.push(slab)
  }
}

function newSlab(bytes: number, number: number | null): Slab {
  return { memory: new Uint8Array(new SharedArrayBuffer(bytes)), number }
}
