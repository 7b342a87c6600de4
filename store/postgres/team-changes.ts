import type { Database } from './database.ts'
import { sendSignal } from './signals.ts'

/** Changes within this time are told together. */
const GATHER_MS = 250

/** Tells all processes that teams have changed, however often in that moment. */
export class TeamChanges {
  readonly #db: Database
  readonly #changed = new Set<number>()
  #timer: NodeJS.Timeout | undefined

  constructor(db: Database) {
    this.#db = db
  }

  add(teamId: number): void {
    this.#changed.add(teamId)
    this.#timer ??= setTimeout(() => void this.#tell(), GATHER_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  async #tell(): Promise<void> {
    this.#timer = undefined
    const changed = [...this.#changed]
    this.#changed.clear()
    // A lost hint is made up for by the next look that nobody asked for.
    for (const teamId of changed) await sendSignal(this.#db, { kind: 'team', teamId }).catch(() => {})
  }
}
