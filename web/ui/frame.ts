import type { Context } from 'hono'
import type { Team } from '../../model/team.ts'
import { teamsInTrouble } from '../../store/team-states.ts'
import { listTeams } from '../../store/teams.ts'
import type { Signed } from '../http/request-context.ts'
import type { PageParts } from '../parts.ts'
import type { HealthReport } from '../service/server-health.ts'
import type { Look } from './theme.ts'

/** What surrounds the content of every page. */
export interface Frame {
  look: Look
  /** What each form of the page holds. */
  formToken: string | null
  email: string
  owner: boolean
  /** Those that the team picker offers. */
  teams: readonly Team[]
  inTrouble: number
  /** The team of this page; null where the page is the server's. */
  team: Team | null
  health: HealthReport
  /** The address of this page, for coming back to it. */
  path: string
  now: Date
  /** What the last form did, told once. */
  told: string | null
}

const TEAMS_OFFERED = 500

export async function frameOf(c: Context<Signed>, parts: PageParts, team: Team | null = null): Promise<Frame> {
  const { actor, formToken, look, teams } = c.var
  const [offered, inTrouble, health] = await Promise.all([
    listTeams(parts.db, teams.ids, { limit: TEAMS_OFFERED }),
    teamsInTrouble(parts.db, teams.ids),
    parts.health.report(),
  ])
  const { pathname, search } = new URL(c.req.url)
  return {
    look,
    formToken,
    email: actor.email,
    owner: actor.owner,
    teams: offered.items,
    inTrouble,
    team,
    health,
    path: pathname + search,
    now: parts.now(),
    told: c.req.query('done') ?? null,
  }
}
