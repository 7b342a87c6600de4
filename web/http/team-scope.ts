import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { type TeamIds, teamBySlug, teamsThere } from '../../store/teams.ts'
import { notFound } from './refusal.ts'

/** The only place that decides which teams a request may touch. Anything of another team answers 404. */
export class TeamScope {
  readonly ids: TeamIds
  readonly #db: Database
  /** The teams that the request is about. */
  readonly #asked = new Set<number>()
  constructor(db: Database, ids: TeamIds) {
    this.#db = db
    this.ids = ids
  }

  /** The team with this slug; 404 when it is not one of theirs. */
  async mine(slug: string): Promise<Team> {
    const team = await teamBySlug(this.#db, slug)
    if (!team || !this.#holds(team.id)) throw notFound('team')
    return team
  }

  /** Returns `thing` if it belongs to one of these teams; 404 otherwise. */
  found<T extends { teamId: number }>(what: string, thing: T | null): T {
    if (!thing || !this.#holds(thing.teamId)) throw notFound(what)
    return thing
  }

  /** Every team of the request still exists. */
  async areThere(): Promise<boolean> {
    return (await teamsThere(this.#db, [...this.#asked])) === this.#asked.size
  }

  #holds(teamId: number): boolean {
    const holds = this.ids === 'all' || this.ids.includes(teamId)
    if (holds) this.#asked.add(teamId)
    return holds
  }
}
