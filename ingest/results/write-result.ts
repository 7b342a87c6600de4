import type { FileArea } from '../../files/file-area.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { rejectedRecordsPaths } from '../../model/result-names.ts'
import { notKept } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { nameOf, type TeamPath } from '../../model/team-path.ts'
import type { WrittenFileRow } from '../../store/postgres/tables.ts'
import { errorGroups } from '../../store/runs/run-errors.ts'
import { allRecordErrors, type FoundBatch, findBatch, findRun } from '../../store/runs/run-history.ts'
import { currentSettings, settingsOfVersion } from '../../store/settings.ts'
import { uploadById } from '../../store/uploads/find-uploads.ts'
import { companionOf, earlierCompanions } from '../../store/written/rejected-records.ts'
import { forgetWritten, leaveAsWritten } from '../../store/written/standing-files.ts'
import { errorFile } from '../telling/error-file.ts'
import { removeWritten } from './remove-file.ts'
import { batchResultText, emptyWindowText, supersededText, uploadResultText } from './result-text.ts'
import { NameTaken, type WritingParts, writeFile } from './write-file.ts'

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
    if (upload?.state === 'incomplete')
      return uploadResultText(nameOf(upload.path), upload, upload.bytes > 0 ? upload.bytes : null)
    return upload?.verdict === 'superseded' ? supersededText(nameOf(upload.path), upload) : null
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
  const paths = rejectedRecordsPaths(settings.results, batch.fileName, used)
  const isWanted = settings.results.rejectedRecords && batch.state === 'imported_with_errors' && batch.errorsKept !== 0
  const content = () => errorFile(header ?? [], used, allRecordErrors(db, batch.id), notKept(batch))
  const path = isWanted
    ? await writeUnderFreeName(parts, place, row, { fileName: batch.fileName, paths, content })
    : null
  for (const earlier of await earlierCompanions(db, row, batch.fileName, paths))
    if (earlier.path !== path) await removeWritten(db, place.files, earlier)
  return path && nameOf(path)
}

/** A file of somebody else keeps its name, as one does that a sender has corrected where it lay. */
async function writeUnderFreeName(
  parts: WritingParts,
  place: Place,
  row: WrittenFileRow,
  { fileName, paths, content }: { fileName: string; paths: TeamPath[]; content: () => AsyncIterable<Buffer> },
): Promise<TeamPath> {
  const { db } = parts
  for (const path of paths) {
    const companion = await companionOf(db, row, fileName, path)
    if (!companion) continue
    try {
      await writeFile(parts, place, companion, content())
      return path
    } catch (error) {
      if (!(error instanceof NameTaken)) throw error
      await forgetWritten(db, companion)
    }
  }
  throw new NameTaken(`Other files stand at ${paths[0]} and at the names after it. They are left as they are.`)
}

async function* once(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}
