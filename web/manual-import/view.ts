import type { FileHeadResult } from '../../ingest/reading/file-head.ts'
import type { FileCheck } from '../../model/check.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'

export interface ManualImportView {
  team: Team
  settings: ImportSettings
  ready: boolean
  /** Another run of the team is in progress. */
  going: boolean
  /** The file that was uploaded and checked, and waits for a decision. */
  given: GivenView | null
  /** Why the request was refused. */
  refused: string | null
}

export interface GivenView {
  fileName: string
  bytes: number
  head: FileHeadResult
  check: FileCheck
  /** Sent back to import the file; null for a file that cannot be imported. */
  ticket: string | null
}
