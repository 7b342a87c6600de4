/** One line of the server's health. */
export interface HealthPart {
  title: string
  ok: boolean
  /** `4 ms`, `212 GB free`; what is wrong where it is not ok. */
  detail: string
}

export interface HealthReport {
  checkedAt: Date
  parts: HealthPart[]
}

/** What is looked at: the title, and a look that says how it is or rejects. */
export type HealthChecks = readonly { title: string; check: () => Promise<string> }[]

const FRESH_MS = 5_000
const ANSWER_WITHIN_MS = 1_000

/** The health of the parts as every page shows it, looked at again when what is known is no longer fresh. */
export class ServerHealth {
  readonly #checks: HealthChecks
  readonly #now: () => Date
  #known: Promise<HealthReport> | null = null
  #askedAt = 0

  constructor(checks: HealthChecks, now: () => Date) {
    this.#checks = checks
    this.#now = now
  }

  report(): Promise<HealthReport> {
    const now = performance.now()
    if (this.#known === null || now - this.#askedAt > FRESH_MS) {
      this.#askedAt = now
      this.#known = this.#look()
    }
    return this.#known
  }

  async #look(): Promise<HealthReport> {
    const parts = await Promise.all(
      this.#checks.map(({ title, check }) =>
        inTime(check()).then(
          (detail) => ({ title, ok: true, detail }),
          () => ({ title, ok: false, detail: 'not working' }),
        ),
      ),
    )
    return { checkedAt: this.#now(), parts }
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS)
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      late.onabort = () => reject(new Error('no answer in time'))
    }),
  ])
}
