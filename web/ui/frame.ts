import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { teamsInTrouble } from '../../store/team-states.ts'
import { listTeams } from '../../store/teams.ts'
import type { Look } from '../http/look.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import type { HealthReport, ServerHealth } from './server-health.ts'

/** The data around the content of every page: navigation, health, theme. */
export interface Frame {
  look: Look
  /** The token that each form of the page carries. */
  formToken: string | null
  email: string
  owner: boolean
  /** Those that the team picker offers. */
  teams: readonly Team[]
  inTrouble: number
  /** The team of this page; null on pages of the server. */
  team: Team | null
  /** The team whose pages the menu has: that of this page, or the last one that was looked at. */
  menuTeam: Team | null
  health: HealthReport
  /** The address of this page, to return to it. */
  path: string
  now: Date
  /** Result of the last form; shown once. */
  told: string | null
}

/** Needed by every page, for its frame. */
export interface FrameParts {
  db: Database
  health: ServerHealth
  now: () => Date
}

const TEAMS_OFFERED = 500
/** Names the team that was last looked at. */
const LAST_TEAM = 'team'

export async function frameOf(
  c: Context<SignedInRequest>,
  parts: FrameParts,
  team: Team | null = null,
): Promise<Frame> {
  const { actor, formToken, look, teams } = c.var
  const [offered, inTrouble, health] = await Promise.all([
    listTeams(parts.db, teams.ids, { limit: TEAMS_OFFERED }),
    teamsInTrouble(parts.db, teams.ids),
    parts.health.report(),
  ])
  const last = getCookie(c, LAST_TEAM)
  if (team && last !== team.team) setCookie(c, LAST_TEAM, team.team, { path: '/', httpOnly: true, sameSite: 'Lax' })
  const { pathname, search } = new URL(c.req.url)
  return {
    look,
    formToken,
    email: actor.email,
    owner: actor.owner,
    teams: offered.items,
    inTrouble,
    team,
    menuTeam: team ?? offered.items.find((one) => one.team === last) ?? null,
    health,
    path: pathname + search,
    now: parts.now(),
    told: c.req.query('done') ?? null,
  }
}
