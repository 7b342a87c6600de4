/** Numbers that look random and come again with the same seed: mulberry32. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  upTo(most: number): number {
    return 1 + Math.floor(this.next() * most)
  }

  of<T>(all: readonly T[]): T {
    return all[Math.floor(this.next() * all.length)] as T
  }
}
