import { monitorEventLoopDelay } from 'node:perf_hooks'

const MILLISECOND = 1e6
const TRIES = 3

/** Measures for how long the thread that runs the test does nothing else. */
export class LongestBlock {
  readonly #delays = monitorEventLoopDelay({ resolution: 1 })

  /**
   * As `once`. A block above `limit` is measured again, and the shortest of three counts: what other programs take of the
   * machine differs, our own work does not.
   */
  async leastOf(work: () => Promise<unknown>, limit: number): Promise<number> {
    let shortest = Number.POSITIVE_INFINITY
    for (let tries = 0; tries < TRIES && shortest > limit; tries++) shortest = Math.min(shortest, await this.once(work))
    return shortest
  }

  /** The longest block during `work`, in milliseconds. */
  async once(work: () => Promise<unknown>): Promise<number> {
    this.#delays.enable()
    this.#delays.reset()
    try {
      await work()
      // A block is known when the next tick of the timer was late.
      await new Promise((resolve) => setTimeout(resolve, 2))
      return this.#delays.max / MILLISECOND
    } finally {
      this.#delays.disable()
    }
  }
}

/** Six kinds of text of `bytes` bytes that patterns with backtracking take long for. */
export const KINDS_OF_TEXT = {
  digits: (bytes: number) => `a${'1'.repeat(bytes - 2)}a`,
  letters: (bytes: number) => 'a'.repeat(bytes),
  blanks: (bytes: number) => `a${' '.repeat(bytes - 2)}a`,
  accents: (bytes: number) => `${'é'.repeat(Math.floor(bytes / 2) - 1)}a`,
  brackets: (bytes: number) => '(['.repeat(Math.floor(bytes / 2)),
  mixed: (bytes: number) => 'a1, é(.@:-/=x0'.repeat(Math.floor(bytes / 15)),
} as const
