import type { Team } from '../../model/team.ts'
import type { Fault } from '../http/refusal.ts'

export interface TeamsView {
  teams: readonly Team[]
  refused: { form: Record<string, string>; faults: readonly Fault[] } | null
}

/** The form as typed. */
export interface TeamForm {
  name: string
  timeZone: string
  space: string
  files: string
  close: string
}
