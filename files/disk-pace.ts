/** A call that has kept the whole process waiting for so long tells that the disk is slow. */
const SLOW_MS = 25
/** For so long nothing is asked of it at once then. */
const AVOIDED_MS = 10_000

/**
 * Small things that a disk nearly always does in the memory of the system are done at once: to ask another thread for them
 * takes several times as long as they do. But the whole process waits meanwhile, so not while the disk is slow.
 */
export class DiskPace {
  readonly #now: () => number
  #slowUntil = Number.NEGATIVE_INFINITY

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** Does it `atOnce` where the disk is quick, and `elsewhere`, in another thread, where it is not. */
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
