import { type FileArea, FileProblem } from '../files/file-area.ts'
import { seenFile } from '../files/seen-file.ts'
import { localDate } from '../model/daily-windows.ts'
import type { ImportSettings } from '../model/import-settings.ts'
import type { Team } from '../model/team.ts'
import { teamPath } from '../model/team-path.ts'
import { type FileIdentity, sameFile, type Upload } from '../model/upload.ts'
import { queueRecap, releaseRecap } from '../store/outbox.ts'
import type { Database } from '../store/postgres/database.ts'
import { isDatabaseAway } from '../store/postgres/database-errors.ts'
import type { BatchRow, RunRow } from '../store/postgres/tables.ts'
import { batchById, failAfterImport, finishAfterImport, skipAfterImport, UNENDED } from '../store/runs/batches.ts'
import { holdLease, LeaseLost } from '../store/runs/runs.ts'
import { uploadRemoved } from '../store/uploads/arrived-files.ts'
import { uploadById } from '../store/uploads/find-uploads.ts'
import { lockPath } from '../store/uploads/path-locks.ts'
import { learnFile, standsAs } from '../store/uploads/recognise.ts'
import { afterImport } from './after-import/index.ts'
import { type ImportParts, recapOf } from './import-file.ts'

interface FileToFinish {
  run: RunRow
  team: Team
  files: FileArea
  batch: BatchRow
  settings: ImportSettings
}

/**
 * After the commit: moves or deletes the imported file, if it still is that file, and lets the recap go. Safe to repeat
 * after a crash at any point. That the file could not be moved never undoes the import; the batch says so.
 */
export async function finishFile(parts: ImportParts, work: FileToFinish): Promise<void> {
  const batch = await batchById(parts.db, work.batch.id)
  if (batch.temporary_name) await discardGiven(work.files, batch)
  if (batch.after_state !== 'pending') return
  try {
    await moveOrDelete(parts, work, batch)
  } catch (error) {
    if (isDatabaseAway(error) || error instanceof LeaseLost) throw error
    await recordFailure(parts, work, error)
  }
}

/** A file given by hand is kept only as long as it may still be approved. */
async function discardGiven(files: FileArea, batch: BatchRow): Promise<void> {
  const needed = UNENDED.includes(batch.state) || (batch.state === 'held' && batch.decision === null)
  if (!needed) await (await files.resume(batch.temporary_name as string))?.discard()
}

/** While the path is locked no upload can take it: the file checked is the file moved. */
async function moveOrDelete(
  { db, now, lease }: ImportParts,
  { team, files, settings }: FileToFinish,
  batch: BatchRow,
): Promise<void> {
  const path = teamPath(batch.path)
  const upload = batch.upload_id ? await uploadById(db, batch.upload_id) : null
  const known = upload && (await identityNow(db, files, upload))
  // The date of the import, not of a repetition after midnight.
  const date = localDate(batch.finished_at ?? now(), team.timeZone)
  await db.transaction().execute(async (tx) => {
    await holdLease(tx, lease)
    await lockPath(tx, team.id, path)
    const standing = await files.stat(path).catch(nothing)
    if (standing && upload && !(known && sameFile(known, standing.identity))) await skipAfterImport(tx, batch.id)
    else {
      const file = { path, identity: known ?? upload?.identity ?? null, sha256: batch.sha256 }
      const moved = await afterImport(files, file, settings.file.afterImport, date)
      await finishAfterImport(tx, batch.id, moved)
      await uploadRemoved(tx, team.id, path)
    }
    await releaseRecap(tx, batch.id)
  })
}

/** The file's current identity; null where it is gone. After a crash a repeat finds the hidden file by it. */
async function identityNow(db: Database, files: FileArea, upload: Upload): Promise<FileIdentity | null> {
  const entry = await files.stat(upload.path).catch(nothing)
  const seen = entry && seenFile(files, entry)
  if (!seen || !(await standsAs(db, upload, seen))) return null
  if (!upload.identity || !sameFile(upload.identity, seen.identity)) await learnFile(db, upload.id, seen)
  return seen.identity
}

async function recordFailure({ db, log, lease }: ImportParts, work: FileToFinish, error: unknown): Promise<void> {
  const { team, batch, settings } = work
  const { afterImport } = settings.file
  log.warn({ batch: batch.id, team: team.team, err: error }, 'moving or deleting the imported file failed')
  const what = afterImport.action === 'move' ? `moved to ${afterImport.path}` : 'deleted'
  const message = `The file was imported but could not be ${what}; it is not imported again. ${reasonOf(error)}`
  await db.transaction().execute(async (tx) => {
    await holdLease(tx, lease)
    await failAfterImport(tx, batch.id, message)
    await queueRecap(tx, { ...recapOf(work), waitForFile: false })
    await releaseRecap(tx, batch.id)
  })
}

function reasonOf(error: unknown): string {
  return error instanceof FileProblem ? `${error.message}.` : 'The log of the service says why.'
}

function nothing(error: unknown): null {
  if (error instanceof FileProblem && error.kind === 'not-found') return null
  throw error
}
