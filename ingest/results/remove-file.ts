import type { FileArea } from '../../files/file-area.ts'
import { FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import { teamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { WrittenFileRow } from '../../store/postgres/tables.ts'
import { forgetWritten, writtenFile } from '../../store/written/standing-files.ts'

/** Removes a file of ours, if it is still there, and what the ledger says of it. The file of somebody else stays. */
export async function removeWritten(db: Database, files: FileArea, row: WrittenFileRow): Promise<void> {
  try {
    const entry = await files.stat(teamPath(row.path))
    if (entry.kind === 'file' && (await writtenFile(db, row.team_id, seenFile(files, entry))))
      await files.removeThis(entry.path, entry.identity)
  } catch (error) {
    if (!(error instanceof FileProblem && error.kind === 'not-found')) throw error
  }
  await forgetWritten(db, row)
}
