import type { WaitingFigures } from '../../ingest/choosing/waiting.ts'
import type { Pause } from '../../model/pauses.ts'
import type { Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import type { TeamFigures } from '../../store/team-states.ts'

/** The most urgent first. */
export const TEAM_STATES = ['failed', 'silent', 'errors', 'running', 'good', 'setup'] as const
export type TeamState = (typeof TEAM_STATES)[number]

/** One team as the overview shows it. */
export interface TeamOverview {
  team: Team
  state: TeamState
  figures: TeamFigures
  waiting: WaitingFigures
  /** Null while they are being counted. */
  contacts: number | null
  going: Run | null
  /** Null while unknown. */
  percent: number | null
  last: Run | null
  /** The records of its last import, where they are far from the usual. */
  unusual: { records: number; usual: number } | null
  /** The next window to open. */
  next: TimedSlot | null
  /** A pause that holds today. */
  pause: Pause | null
  /** All four required fields are mapped. */
  mapped: boolean
}
