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

/** One file or upload of a team's root, with what will become of it. */
export interface TeamFile {
  path: string
  bytes: number
  state: UploadState
  receivedAt: string | null
  verdict: FileVerdict | null
  /** One sentence: what becomes of it, and why. */
  reason: string
  action: FileAction
  /** The last batch that tried it. */
  batchId: string | null
}
