import type { Contact } from '../../model/contact.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { ContactCounts } from '../../store/contacts/contact-counts.ts'
import type { ContactHistory } from '../../store/contacts/history/contact-history.ts'
import type { TeamUser } from '../../store/team-users.ts'

export interface ContactView {
  team: Team
  contact: Contact
  settings: ImportSettings
  history: ContactHistory
  /** Of the versions that the history names. */
  optOutOfVersions: ReadonlyMap<number, ImportSettings['optOut']>
  /** The run whose import changed the contact last. */
  lastRun: { id: string; number: number } | null
}

export interface ContactsView {
  team: Team
  contacts: readonly Contact[]
  /** By Contact ID, the number of the run whose import set the preference. */
  imports: ReadonlyMap<string, number>
  counts: ContactCounts
  /** The filter, by the names of the form. */
  filter: Record<'search' | 'texting' | 'staff' | 'run', string>
  users: readonly TeamUser[]
  /** The latest that may have changed contacts. */
  runs: readonly Run[]
  after: string | null
  next: string | null
}
