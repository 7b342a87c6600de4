import type { FileVerdict } from './run.ts'
import type { UploadState } from './upload.ts'

export type FileAction =
  | 'none'
  | 'run_import'
  | 'import_anyway'
  | 'approve_or_discard'
  | 'rename'
  | 'send_again'
  | 'wait'
  | 'open_batch'

/** Why a file is, will be or will not be imported. */
export const FATE_CODES = [
  'incomplete',
  'no_room',
  'archived',
  'written',
  'never_imported',
  'other_folder',
  'misplaced',
  'other_case',
  'other_extension',
  'other_name',
  'receiving',
  'unconfirmed',
  'settling',
  'claimed',
  'imported',
  'undone',
  'superseded',
  'held',
  'rejected',
  'newer_first',
  'not_set_up',
  'run_begun',
  'no_window',
  'open_window',
  'next_window',
  'by_next_window',
] as const
export type FateCode = (typeof FATE_CODES)[number]

/** One file or upload of a team's root, with what will become of it. */
export interface TeamFile {
  path: string
  bytes: number
  state: UploadState
  receivedAt: string | null
  verdict: FileVerdict | null
  /** The code of its fate, such as `next_window` or `misplaced`. */
  fate: FateCode
  /** One sentence: what becomes of it, and why. */
  reason: string
  action: FileAction
  /** The last batch that tried it. */
  batchId: string | null
}
