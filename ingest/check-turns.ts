/** No turn came in time. The message is for the person who asked. */
export class TooManyChecks extends Error {
  override readonly name = 'TooManyChecks'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('Other checks are in progress. Try again in a moment.')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface CheckLimits {
  /** Checks at the same time, of all teams together; a team has one. */
  readonly atOnce: number
  /** Checks of a team that may wait for their turn; one more is refused at once. */
  readonly waitingPerTeam: number
  readonly patienceMilliseconds: number
}

interface Waiting {
  teamId: number
  begin: () => void
}

/** A check shorter than this costs the others nothing that shows. */
const SHORT_MS = 50
const LONGEST_REST_MS = 2_000

/**
 * A check reads a whole file and holds a connection and a thread, so each waits for its turn. The oldest that may
 * begin is next. Behind a check its team rests for as long as that took: a loop of checks leaves half of a thread to the others.
 */
export class CheckTurns {
  readonly #limits: CheckLimits
  readonly #going = new Set<number>()
  readonly #resting = new Set<number>()
  readonly #waiting = new Set<Waiting>()
  readonly #now: () => number

  /** `now` counts milliseconds. */
  constructor(limits: CheckLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
  }

  /** Does `check` when it is its turn; throws `TooManyChecks` if none comes, and the reason of `signal` if that is aborted before. */
  async take<T>(teamId: number, signal: AbortSignal, check: () => Promise<T>): Promise<T> {
    await this.#turn(teamId, signal)
    const began = this.#now()
    try {
      return await check()
    } finally {
      this.#going.delete(teamId)
      this.#rest(teamId, this.#now() - began)
      this.#next()
    }
  }

  #rest(teamId: number, tookMs: number): void {
    if (tookMs < SHORT_MS) return
    this.#resting.add(teamId)
    const rested = () => {
      this.#resting.delete(teamId)
      this.#next()
    }
    setTimeout(rested, Math.min(tookMs, LONGEST_REST_MS)).unref()
  }

  async #turn(teamId: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#mayBegin(teamId)) return void this.#going.add(teamId)
    const { waitingPerTeam, patienceMilliseconds } = this.#limits
    const tooMany = new TooManyChecks(Math.ceil(patienceMilliseconds / 1000))
    if ([...this.#waiting].filter((waiting) => waiting.teamId === teamId).length >= waitingPerTeam) throw tooMany
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { teamId, begin: resolve }
    this.#waiting.add(waiting)
    // Gone from the list at once: a turn that is given to somebody who has left would be taken for ever.
    const leave = (reason: unknown) => {
      this.#waiting.delete(waiting)
      reject(reason)
    }
    const timer = setTimeout(() => leave(tooMany), patienceMilliseconds)
    const abort = () => leave(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  #mayBegin(teamId: number): boolean {
    return this.#going.size < this.#limits.atOnce && !this.#going.has(teamId) && !this.#resting.has(teamId)
  }

  #next(): void {
    for (const waiting of this.#waiting) {
      if (!this.#mayBegin(waiting.teamId)) continue
      this.#going.add(waiting.teamId)
      this.#waiting.delete(waiting)
      waiting.begin()
    }
  }
}
