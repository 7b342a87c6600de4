import { type FileArea, FileProblem } from '../../files/file-area.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { folderOf } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { waitingUploads } from '../../store/uploads/waiting-uploads.ts'
import { type FoundFile, factsOf, obstacleOf } from './fate.ts'
import { isNearMiss } from './fate-uses.ts'
import { receipt } from './receipt.ts'

/** More are of no use to anybody. */
const MOST_TOLD = 50

/** Uploads outside the File Path whose names say that they were meant to be imported, the latest first. */
export async function nearMisses(
  db: Database,
  files: FileArea,
  team: Team,
  settings: ImportSettings,
): Promise<(FoundFile & { upload: Upload })[]> {
  const misses: (FoundFile & { upload: Upload })[] = []
  const uploads = await waitingUploads(db, [team.id])
  for (const upload of uploads.toSorted((a, b) => receipt(b) - receipt(a))) {
    if (misses.length === MOST_TOLD) break
    const { path, verdict } = upload
    if (verdict === 'claimed' || folderOf(path) === settings.file.path) continue
    const fate = obstacleOf(factsOf(path, upload), settings)
    if (fate && isNearMiss(fate) && (await isThere(files, upload))) misses.push({ path, fate, upload })
  }
  return misses
}

/** Other programs may have taken it away. */
async function isThere(files: FileArea, { path, bytes }: Upload): Promise<boolean> {
  try {
    return (await files.stat(path)).bytes === bytes
  } catch (error) {
    if (error instanceof FileProblem) return false
    throw error
  }
}
