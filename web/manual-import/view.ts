import type { FileHeadResult } from '../../ingest/formats/file-head.ts'
import type { FileCheck } from '../../model/check.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'

export interface ManualImportView {
  team: Team
  settings: ImportSettings
  ready: boolean
  /** Whether another run of the team stands in the way. */
  going: boolean
  /** The file that was uploaded, checked and is waiting for a word. */
  given: GivenView | null
  /** Why what was asked for did not happen. */
  refused: string | null
}

export interface GivenView {
  fileName: string
  bytes: number
  head: FileHeadResult
  check: FileCheck
  /** What has it imported; null for a file that cannot be. */
  ticket: string | null
}
