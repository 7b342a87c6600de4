/** Keys remembered; beyond that the one that was idle for longest is forgotten. */
const MOST_REMEMBERED = 20_000

interface Bucket {
  tokens: number
  atMs: number
}

/**
 * How fast each of many may go: a burst at once, then so many a second. Who is faster is not refused but waits, so that
 * honest work of any size gets done.
 */
export class Pace {
  readonly #burst: number
  readonly #perSecond: number
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor({ burst, perSecond }: { burst: number; perSecond: number }, now: () => number = () => performance.now()) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#now = now
  }

  /** Takes `cost` from the budget of `key`, and answers the milliseconds to wait before the work: 0 within the burst. */
  take(key: string, cost = 1): number {
    const atMs = this.#now()
    const before = this.#buckets.get(key)
    const saved = before ? before.tokens + (Math.max(0, atMs - before.atMs) * this.#perSecond) / 1000 : this.#burst
    const tokens = Math.min(this.#burst, saved) - cost
    // Moved to the end, so that the first entry is the one that was idle for longest.
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens, atMs })
    if (this.#buckets.size > MOST_REMEMBERED) this.#buckets.delete(this.#buckets.keys().next().value as string)
    return tokens >= 0 ? 0 : (-tokens * 1000) / this.#perSecond
  }

  /** The same for work that is not done if it would have to wait longer: then null, and nothing is taken. */
  takeWithin(longestMs: number, key: string, cost = 1): number | null {
    const waitMs = this.take(key, cost)
    if (waitMs <= longestMs) return waitMs
    this.giveBack(key, cost)
    return null
  }

  /** Gives back what was taken for work that was not done. */
  giveBack(key: string, cost = 1): void {
    const bucket = this.#buckets.get(key)
    if (bucket) bucket.tokens += cost
  }
}
