import type { FileArea } from '../../files/file-area.ts'
import type { AfterImport } from '../../model/import-settings.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { deleteFile } from './delete.ts'
import type { ImportedFile } from './imported-file.ts'
import { moveFile } from './move.ts'

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
