import type { OptOutState } from '../../model/contact.ts'

/** What the file and the settings say about all records of a batch alike. */
export interface MergeRules {
  teamId: number
  /** Whether the file speaks for Staff IDs; if not, stored ones stay. */
  staffGiven: boolean
  /** The names of the custom fields that the file speaks for; all others stay as they are stored. */
  customFields: readonly string[]
  /** What an empty opt-out value means; null keeps the stored preference. */
  emptyMeans: OptOutState | null
  /** The opt-out column is mapped and not in the file: new contacts are as with an empty value, known ones keep theirs. */
  optOutAbsent: boolean
  sharedMobile: 'warn' | 'reject'
}
