import type { OptOutState } from '../../model/contact.ts'

/** The same for all records of a batch; from the file and the settings. */
export interface MergeRules {
  teamId: number
  /** The file gives Staff IDs; if not, stored ones stay. */
  staffGiven: boolean
  /** The custom fields that the file gives; all others keep their stored values. */
  customFields: readonly string[]
  /** For an empty opt-out value; null keeps the stored preference. */
  emptyMeans: OptOutState | null
  /** The opt-out column is mapped and not in the file: new contacts are as with an empty value, known ones keep theirs. */
  optOutAbsent: boolean
  sharedMobile: 'warn' | 'reject'
}
