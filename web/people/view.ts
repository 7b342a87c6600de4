import type { Team } from '../../model/team.ts'
import type { Person } from '../../store/people/people.ts'
import type { Fault } from '../http/refusal.ts'

export interface PeopleView {
  /** Of this page. */
  people: readonly Person[]
  after: string | null
  next: string | null
  teams: readonly Team[]
  /** The person invited by this request; `link` is null if it was sent by e-mail. */
  invited: { email: string; link: string | null } | null
  refused: { form: Record<string, string>; chosen: readonly string[]; faults: readonly Fault[] } | null
  /** A change that failed, and why. */
  failed: { person: string; detail: string } | null
}
