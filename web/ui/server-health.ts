/** Partly working. All users see the message, so it names no person and no machine. */
export class Degraded extends Error {
  override readonly name = 'Degraded'
}

export interface HealthPart {
  title: string
  ok: boolean
  /** For example `4 ms` or `212 GB free`; the fault if not ok. */
  detail: string
}

export interface HealthReport {
  checkedAt: Date
  parts: HealthPart[]
}

/** Each check answers a short text, or rejects. */
export type HealthChecks = readonly { title: string; check: () => Promise<string> }[]

const FRESH_MS = 5_000
const ANSWER_WITHIN_MS = 1_000

/** The health that every page shows; checked again when the last result is too old. */
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
          (error) => ({ title, ok: false, detail: error instanceof Degraded ? error.message : 'not working' }),
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
