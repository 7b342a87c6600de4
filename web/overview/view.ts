import type { Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import type { TeamFigures } from '../../store/team-states.ts'

/** In the order of how much they want somebody to look. */
export const TEAM_STATES = ['failed', 'silent', 'errors', 'running', 'good', 'setup'] as const
export type TeamState = (typeof TEAM_STATES)[number]

/** One team as the overview shows it. */
export interface TeamOverview {
  team: Team
  state: TeamState
  figures: TeamFigures
  /** Null while they are being counted. */
  contacts: number | null
  going: Run | null
  /** How far it has come, where that is known. */
  percent: number | null
  last: Run | null
  next: TimedSlot | null
  /** Whether the four required fields are mapped. */
  mapped: boolean
}
