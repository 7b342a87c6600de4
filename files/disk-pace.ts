/** A synchronous call that takes this long means that the disk is slow. */
const SLOW_MS = 25
/** Then synchronous calls are avoided for this long. */
const AVOIDED_MS = 10_000

/**
 * Small calls hit the page cache, where a synchronous call is faster than the thread pool. But the whole process waits
 * meanwhile, so not while the disk is slow.
 */
export class DiskPace {
  readonly #now: () => number
  #slowUntil = Number.NEGATIVE_INFINITY

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** Runs `atOnce` where the disk is quick, and `elsewhere`, in another thread, where it is not. */
  async run<T>(atOnce: () => T, elsewhere: () => Promise<T>): Promise<T> {
    const began = this.#now()
    if (began < this.#slowUntil) return elsewhere()
    try {
      return atOnce()
    } finally {
      const ended = this.#now()
      if (ended - began >= SLOW_MS) this.#slowUntil = ended + AVOIDED_MS
    }
  }
}
