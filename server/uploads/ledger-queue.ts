import type { Log } from '../../log.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { isDatabaseAway } from '../../store/postgres/database-errors.ts'
import type { ReadyUploads } from './ready-uploads.ts'

/** Delay before a ledger retry while the database is unreachable. */
const RETRY_MS = 2000

/**
 * Writes to the ledger, each as often as it takes: while the database is unreachable they wait, so that callers need
 * not. The entries of one upload are written in order, whatever becomes of others.
 */
export class LedgerQueue {
  readonly #log: Log
  readonly #after: (milliseconds: number, run: () => void) => void
  readonly #ready: Pick<ReadyUploads, 'hurry'>
  readonly #writing = new Map<Promise<boolean>, TeamPath>()
  #away = false
  readonly #onLost = new Set<(answer: false) => void>()

  constructor(log: Log, after: (milliseconds: number, run: () => void) => void, ready: Pick<ReadyUploads, 'hurry'>) {
    this.#log = log
    this.#after = after
    this.#ready = ready
  }

  /** Resolves when everything queued so far is written, or logged as failed. */
  get settled(): Promise<unknown> {
    return this.#written([...this.#writing.keys()])
  }

  /** As `settled`, for the entries of one path. */
  about(path: TeamPath): Promise<unknown> {
    return this.#written([...this.#writing].flatMap(([write, about]) => (about === path ? [write] : [])))
  }

  /** False at the timeout, or when the database is lost. `work` defaults to everything queued so far. */
  async caughtUp(milliseconds: number, work: Promise<unknown> = this.settled): Promise<boolean> {
    if (this.#writing.size === 0) return true
    if (this.#away) return false
    const { promise: lost, resolve } = Promise.withResolvers<false>()
    this.#onLost.add(resolve)
    const done = work.then(() => true)
    await within(milliseconds, Promise.race([done, lost]))
    this.#onLost.delete(resolve)
    return Promise.race([done, Promise.resolve(false)])
  }

  /** Writes once `behind` is done. Answers `false` where it failed for another reason than an unreachable database. */
  push(
    write: () => Promise<unknown>,
    { path, behind }: { path: TeamPath; behind: Promise<unknown> },
  ): Promise<boolean> {
    const done = behind.then(() => this.#persist(write))
    this.#writing.set(done, path)
    void done.then(() => this.#writing.delete(done))
    return done
  }

  #written(writing: Promise<boolean>[]): Promise<unknown> {
    const written = Promise.all(writing)
    if (writing.length > 0) this.#ready.hurry(written)
    return written
  }

  async #persist(write: () => Promise<unknown>): Promise<boolean> {
    for (;;)
      try {
        await write()
        this.#away = false
        return true
      } catch (error) {
        if (!isDatabaseAway(error)) {
          this.#log.error({ err: error }, 'upload ledger write failed')
          return false
        }
        if (!this.#away) this.#log.warn({ reason: (error as Error).message }, 'database unreachable')
        this.#away = true
        for (const tell of this.#onLost) tell(false)
        await new Promise<void>((resolve) => this.#after(RETRY_MS, resolve))
      }
  }
}

/** False at the timeout; `work` goes on. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), milliseconds)
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
