import type { FileArea } from '../../files/file-area.ts'
import type { AfterImport } from '../../model/import-settings.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { FileIdentity } from '../../model/upload.ts'
import { deleteFile } from './delete.ts'
import { moveFile } from './move.ts'

/** The file that was imported; the identity tells it from another that has its name by now. */
export interface ImportedFile {
  path: TeamPath
  identity: FileIdentity | null
  /** Of its bytes: tells its copy on another file system, or after a restore, where it has another identity. */
  sha256: string | null
}

/**
 * Carries out what the settings say with an imported file, on `date`, the date of the import in the team's zone
 * (`YYYY-MM-DD`). Answers where the file is now; null: nowhere. Doing it again after a crash changes nothing more.
 * Rejects with `FileProblem` when it could not be done.
 */
export function afterImport(
  files: FileArea,
  file: ImportedFile,
  settings: AfterImport,
  date: string,
): Promise<TeamPath | null> {
  switch (settings.action) {
    case 'move':
      return moveFile(files, file, settings.path, date)
    case 'delete':
      return deleteFile(files, file)
  }
}
