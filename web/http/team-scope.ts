import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { type TeamIds, teamBySlug } from '../../store/teams.ts'
import { notFound } from './errors.ts'

/** The one place that decides whose things a request may touch. What belongs to another team does not exist for it. */
export class TeamScope {
  readonly ids: TeamIds
  readonly #db: Database
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

  /** What was found by its id, if it belongs to one of their teams; 404 otherwise. */
  found<T extends { teamId: number }>(what: string, thing: T | null): T {
    if (!thing || !this.#holds(thing.teamId)) throw notFound(what)
    return thing
  }

  #holds(teamId: number): boolean {
    return this.ids === 'all' || this.ids.includes(teamId)
  }
}
