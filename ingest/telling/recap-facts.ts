import type { ErrorCode } from '../../model/codes.ts'
import type { Batch, Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { ErrorGroup } from '../../store/runs/run-errors.ts'

/** All that a recap tells. */
export interface RecapFacts {
  team: Pick<Team, 'name' | 'timeZone'>
  run: Pick<Run, 'id' | 'number' | 'trigger' | 'requestedBy'>
  batch: Batch
  /** How many records have each error, the most frequent first. */
  errors: readonly Pick<ErrorGroup, 'code' | 'field' | 'records'>[]
  /** The same by code alone. */
  errorCodes: Partial<Record<ErrorCode, number>>
  /** Newer files of the same run that could not be read, so that this one was taken. */
  passedOver: readonly { path: string; reason: string }[]
  /** Paths of older matching files that this import left aside for good. */
  supersededFiles: readonly string[]
  /** The batch that imported the very same bytes before, if there is one. */
  identicalTo: string | null
  /** Where the file is now, as a path of the virtual root; null where it was deleted or never was in the root. */
  fileIsAt: string | null
  /** As people say it: `Mon Nov 23, 3-5 AM`; null when no window is enabled. */
  nextWindow: string | null
  /** The page of the run. */
  link: string
  /** How many of the stored records are in the attached error file; the rest is at the link. */
  errorsAttached: number
}
