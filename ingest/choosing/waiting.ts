import type { ImportSettings } from '../../model/import-settings.ts'
import type { Database } from '../../store/postgres/database.ts'
import { lastTakenAt } from '../../store/uploads/find-uploads.ts'
import { waitingUploads } from '../../store/uploads/waiting-uploads.ts'
import { type FileFacts, factsOf, obstacleOf, type Rivals } from './fate.ts'
import { NO_RIVALS, rivalsAmong } from './rivals.ts'

export interface WaitingFigures {
  files: number
  bytes: number
}

/** The rivals of a team's files, as the ledger knows them. */
export async function rivalsOf(db: Database, teamId: number, settings: ImportSettings): Promise<Rivals> {
  if (settings.file.select !== 'most_recent') return NO_RIVALS
  const waiting = (await waitingUploads(db, [teamId])).map((upload) => factsOf(upload.path, upload))
  return rivalsOfWaiting(db, teamId, settings, waiting)
}

/** How many files of each team will be imported: the one count of waiting files. */
export async function waitingFigures(
  db: Database,
  settings: ReadonlyMap<number, ImportSettings>,
): Promise<Map<number, WaitingFigures>> {
  const uploads = Map.groupBy(await waitingUploads(db, [...settings.keys()]), ({ teamId }) => teamId)
  const figures = new Map<number, WaitingFigures>()
  for (const [teamId, own] of uploads) {
    const settled = settings.get(teamId) as ImportSettings
    const files = own.map((upload) => ({ ...factsOf(upload.path, upload), bytes: upload.bytes }))
    const matching = files.filter((file) => obstacleOf(file, settled) === null)
    if (matching.length === 0) continue
    const rivals = settled.file.select === 'most_recent' ? await rivalsOfWaiting(db, teamId, settled, files) : NO_RIVALS
    const waiting = matching.filter((file) => rivals.fateOf(file) === null)
    figures.set(teamId, { files: waiting.length, bytes: waiting.reduce((sum, { bytes }) => sum + bytes, 0) })
  }
  return figures
}

async function rivalsOfWaiting(
  db: Database,
  teamId: number,
  settings: ImportSettings,
  waiting: readonly FileFacts[],
): Promise<Rivals> {
  return rivalsAmong(waiting, settings, await lastTakenAt(db, teamId, settings.file.path))
}
