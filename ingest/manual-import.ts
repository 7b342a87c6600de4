import type { Team } from '../model/team.ts'
import { nameProblem, pathIn, ROOT } from '../model/team-path.ts'
import type { Database } from '../store/postgres/database.ts'
import type { NewBatch } from '../store/runs/batches.ts'
import { currentSettings } from '../store/settings.ts'
import type { NamedFiles } from './named-files.ts'

/** The file of a Manual Import: received under a hidden name and sealed. */
export interface GivenFile {
  temporaryName: string
  fileName: string
  bytes: number
  sha256: string | null
}

/** One batch under the settings of this moment; nothing happens to the file afterwards, since it never was in the root. */
export async function manualBatch(db: Database, team: Team, file: GivenFile): Promise<NamedFiles> {
  const { version } = await currentSettings(db, team.id)
  // It only labels the batch, so an invalid file name gets a substitute.
  const name = nameProblem(file.fileName) === null ? file.fileName : 'file'
  const batch: NewBatch = {
    uploadId: null,
    temporaryName: file.temporaryName,
    approvedBy: null,
    path: pathIn(ROOT, name),
    fileName: name,
    bytes: file.bytes,
    receivedAt: new Date(),
    settingsVersion: version,
    afterImport: null,
  }
  return { found: [], batches: [batch] }
}
