import type { Wall } from '../../store/postgres/row-security.ts'
import { teamPulses } from '../../store/team-pulse.ts'

/** So long one answer holds, for all teams with a page open. */
const HOLDS_MS = 900
/** A team that nobody asks about is forgotten. */
const FORGOTTEN_MS = 5_000

/** Tells whether something happened to teams, with one statement for all whose pages are open. */
export class TeamPulses {
  readonly #wall: Wall
  readonly #askedAt = new Map<number, number>()
  #known: { at: number; ids: ReadonlySet<number>; pulses: Promise<ReadonlyMap<number, string>> } | null = null

  constructor(wall: Wall) {
    this.#wall = wall
  }

  /** Changes when something happened to the team. For those alone who may see it. */
  async of(teamId: number): Promise<string> {
    const now = performance.now()
    this.#askedAt.set(teamId, now)
    if (!this.#known?.ids.has(teamId) || now - this.#known.at > HOLDS_MS) this.#known = this.#ask(now)
    return (await this.#known.pulses).get(teamId) ?? ''
  }

  #ask(at: number) {
    for (const [id, askedAt] of this.#askedAt) if (at - askedAt > FORGOTTEN_MS) this.#askedAt.delete(id)
    const ids = [...this.#askedAt.keys()]
    const pulses = this.#wall.within(ids, () => teamPulses(this.#wall.db, ids))
    return { at, ids: new Set(ids), pulses }
  }
}
