import { type FileArea, FileProblem } from '../files/file-area.ts'
import { localDate } from '../model/daily-windows.ts'
import type { AfterImport } from '../model/import-settings.ts'
import type { Team } from '../model/team.ts'
import { teamPath } from '../model/team-path.ts'
import { sameFile } from '../model/upload.ts'
import { batchById, failAfterImport, finishAfterImport, skipAfterImport } from '../store/batches.ts'
import { releaseRecap } from '../store/outbox.ts'
import { uploadById, uploadRemoved } from '../store/uploads.ts'
import { afterImport } from './after-import/index.ts'
import type { ImportParts } from './import-file.ts'

/**
 * After the commit: moves or deletes the imported file, if it still is that file, and lets the recap go. Safe to repeat
 * after a crash at any point. That the file could not be moved never undoes the import; the batch says so.
 */
export async function finishFile(
  { db, log, now }: ImportParts,
  work: { team: Team; files: FileArea; batchId: string; afterImport: AfterImport },
): Promise<void> {
  const { team, files } = work
  const batch = await batchById(db, work.batchId)
  if (batch.after_state !== 'pending') return
  const path = teamPath(batch.path)
  const upload = batch.upload_id ? await uploadById(db, batch.upload_id) : null
  // The date of the import, not of a repetition after midnight.
  const date = localDate(batch.finished_at ?? now(), team.timeZone)
  try {
    const standing = await files.stat(path).catch(nothing)
    if (standing && upload?.identity && !sameFile(upload.identity, standing.identity))
      await skipAfterImport(db, batch.id)
    else {
      const moved = await afterImport(files, { path, identity: upload?.identity ?? null }, work.afterImport, date)
      await finishAfterImport(db, batch.id, moved)
      await uploadRemoved(db, team.id, path)
    }
  } catch (error) {
    if (!(error instanceof FileProblem) && !(error instanceof Error && 'syscall' in error)) throw error
    log.warn({ batch: batch.id, team: team.team, err: error }, 'the imported file could not be moved or deleted')
    const message =
      work.afterImport.action === 'move'
        ? `The file was imported but could not be moved to ${work.afterImport.path}; it is still in its place and is not imported again. ${reasonOf(error)}`
        : `The file was imported but could not be deleted; it is still in its place and is not imported again. ${reasonOf(error)}`
    await failAfterImport(db, batch.id, message)
  }
  await releaseRecap(db, batch.id)
}

function reasonOf(error: Error): string {
  return error instanceof FileProblem ? `${error.message}.` : 'The disk refused it; the log says why.'
}

function nothing(error: unknown): null {
  if (error instanceof FileProblem && error.kind === 'not-found') return null
  throw error
}
