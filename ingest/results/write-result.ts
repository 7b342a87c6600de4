import type { FileArea } from '../../files/file-area.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { rejectedRecordsPath } from '../../model/result-names.ts'
import { notKept } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { nameOf, type TeamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { WrittenFileRow } from '../../store/postgres/tables.ts'
import { errorGroups } from '../../store/runs/run-errors.ts'
import { allRecordErrors, type FoundBatch, findBatch, findRun } from '../../store/runs/run-history.ts'
import { currentSettings, settingsOfVersion } from '../../store/settings.ts'
import { uploadById } from '../../store/uploads/find-uploads.ts'
import { companionOf } from '../../store/written/due-files.ts'
import { leaveAsWritten, writtenUnder } from '../../store/written/standing-files.ts'
import { errorFile } from '../telling/error-file.ts'
import { removeWritten } from './remove-file.ts'
import { batchResultText, emptyWindowText, uploadResultText } from './result-text.ts'
import { type WritingParts, writeFile } from './write-file.ts'

export interface Place {
  team: Team
  files: FileArea
}

/**
 * Writes the result that is due at a path, as things stand now: first the rejected records, so that the result never names a
 * file that is not there yet. Nothing is written where the team has switched results off since.
 */
export async function writeResult(parts: WritingParts, place: Place, row: WrittenFileRow): Promise<void> {
  const { db } = parts
  const settings = await currentSettings(db, place.team.id)
  const text = settings.results && (await textOf(parts, place, row, settings))
  if (text === null) return leaveAsWritten(db, row)
  await writeFile(parts, place, row, once(text))
}

async function textOf(
  parts: WritingParts,
  place: Place,
  row: WrittenFileRow,
  settings: ImportSettings,
): Promise<string | null> {
  const { db } = parts
  if (row.batch_id) {
    const found = await findBatch(db, row.batch_id)
    const run = found && (await findRun(db, found.runId))?.run
    if (!run) return null
    const rejectedRecords = await writeRejectedRecords(parts, place, row, { found, settings })
    const errors = found.batch.state === 'undone' ? [] : await errorGroups(db, [row.batch_id])
    return batchResultText({ batch: found.batch, run: run.number, errors, rejectedRecords })
  }
  if (row.upload_id) {
    const upload = await uploadById(db, row.upload_id)
    return upload && uploadResultText(nameOf(upload.path), upload, upload.bytes > 0 ? upload.bytes : null)
  }
  if (row.window_name === null || row.window_date === null) return null
  const slot = { name: row.window_name, date: row.window_date }
  return emptyWindowText(slot, settings.file.path, settings.file.namePrefix)
}

/** The name of the file; null where there is nothing to correct, and then what an earlier import left there goes. */
async function writeRejectedRecords(
  parts: WritingParts,
  place: Place,
  row: WrittenFileRow,
  { found, settings }: { found: FoundBatch; settings: ImportSettings },
): Promise<string | null> {
  const { db } = parts
  const { batch, header } = found
  const used = (await settingsOfVersion(db, place.team.id, batch.settingsVersion)) ?? settings
  if (!settings.results) return null
  const path = rejectedRecordsPath(settings.results, batch.fileName, used)
  if (!settings.results.rejectedRecords || batch.state !== 'imported_with_errors' || batch.errorsKept === 0) {
    await removeEarlier(db, place, row, path)
    return null
  }
  const companion = await companionOf(db, row, path)
  await writeFile(parts, place, companion, errorFile(header ?? [], used, allRecordErrors(db, batch.id), notKept(batch)))
  return nameOf(path)
}

async function removeEarlier(db: Database, { files }: Place, row: WrittenFileRow, path: TeamPath): Promise<void> {
  const earlier = await writtenUnder(db, row.team_id, path)
  if (earlier?.kind === 'rejected_records' && earlier.about_at <= row.about_at) await removeWritten(db, files, earlier)
}

async function* once(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}
