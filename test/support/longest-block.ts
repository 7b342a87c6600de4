const TRIES = 3

/**
 * Measures for how long the thread that runs the test does nothing else. Counted is the time of the processor that it takes from
 * one tick of a timer to the next: what other programs take of the machine meanwhile does not count.
 */
export class LongestBlock {
  /**
   * As `once`. A block above `limit` is measured again, and the shortest of three counts: a collection of garbage or the first
   * compilation comes once.
   */
  async leastOf(work: () => Promise<unknown>, limit: number): Promise<number> {
    let shortest = Number.POSITIVE_INFINITY
    for (let tries = 0; tries < TRIES && shortest > limit; tries++) shortest = Math.min(shortest, await this.once(work))
    return shortest
  }

  /** The longest block during `work`, in milliseconds. */
  async once(work: () => Promise<unknown>): Promise<number> {
    let longest = 0
    let before = milliseconds()
    const tick = () => {
      const now = milliseconds()
      longest = Math.max(longest, now - before)
      before = now
    }
    const timer = setInterval(tick, 1)
    try {
      await work()
      // A block is known at the next tick of the timer.
      await new Promise((resolve) => setTimeout(resolve, 2))
      tick()
      return longest
    } finally {
      clearInterval(timer)
    }
  }
}

/** Of the processor, for this thread. */
function milliseconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
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
