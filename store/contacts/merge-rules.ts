import type { OptOutState } from '../../model/contact.ts'

/** What the file and the settings say about all records of a batch alike. */
export interface MergeRules {
  teamId: number
  /** Whether the file speaks for Staff IDs; if not, stored ones stay. */
  staffGiven: boolean
  /** The names of the custom fields that the file speaks for; all others stay as they are stored. */
  customFields: readonly string[]
  /** What an empty value means where the file has the opt-out column; null keeps the stored preference. */
  emptyMeans: OptOutState | null
  sharedMobile: 'warn' | 'reject'
}
