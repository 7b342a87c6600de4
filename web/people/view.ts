import type { Team } from '../../model/team.ts'
import type { Person } from '../../store/people/people.ts'
import type { Fault } from '../http/refusal.ts'

export interface PeopleView {
  people: readonly Person[]
  teams: readonly Team[]
  /** Whom a link was made for by this very request; null where it was sent by mail alone. */
  invited: { email: string; link: string | null } | null
  refused: { form: Record<string, string>; chosen: readonly string[]; faults: readonly Fault[] } | null
  /** A change that was not made, and why. */
  failed: { person: string; detail: string } | null
}
