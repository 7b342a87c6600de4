import type pg from 'pg'
import { type FileArea, FileProblem, type OpenFile } from '../files/file-area.ts'
import type { Log } from '../log.ts'
import { type ImportSettings, splitAddresses } from '../model/import-settings.ts'
import { importedRecords } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { teamPath } from '../model/team-path.ts'
import { sameFile } from '../model/upload.ts'
import { finishImported, finishUnapplied, startBatch } from '../store/batches.ts'
import { type Database, inTransaction } from '../store/database.ts'
import { isDatabaseAway } from '../store/database-errors.ts'
import { queueRecap } from '../store/outbox.ts'
import type { BatchRow } from '../store/tables.ts'
import { setVerdict, uploadById } from '../store/uploads.ts'
import { importBatch } from './batch.ts'
import { BatchProblem } from './batch-problem.ts'

/** What every step of an import works with. */
export interface ImportParts {
  db: Database
  pool: pg.Pool
  log: Log
  now: () => Date
}

export interface FileToImport {
  team: Team
  files: FileArea
  batch: BatchRow
  settings: ImportSettings
  signal: AbortSignal
}

/**
 * Imports the file of one batch: its records, the end of the batch, the verdict on the upload and the recap become true
 * in one transaction, or none of them does. A file that cannot be imported ends its batch as `rejected`, a fault of
 * ours as `failed`; an orderly stop and a lost database rise.
 */
export async function importFile(parts: ImportParts, work: FileToImport): Promise<void> {
  const { team, files, batch, settings, signal } = work
  const { db, pool, log } = parts
  await startBatch(db, batch.id)
  let content: OpenFile | null = null
  try {
    content = await openUpload(db, files, batch)
    if (!content) {
      await endUnapplied(db, work, 'aborted', {
        code: null,
        message: `${batch.file_name} was replaced or removed before it was read. Nothing was imported from it; a newer file is imported by the next run.`,
      })
      return
    }
    const file = content
    const state = await inTransaction(pool, async (client, tx) => {
      const { facts, counts, warnings } = await importBatch(client, tx, file, {
        batch,
        team,
        settings,
        signal,
        progress: () => {},
      })
      signal.throwIfAborted()
      const ended = await finishImported(tx, batch.id, facts, counts, warnings)
      const reason = `${importedRecords(counts)} of ${counts.records} records were imported.`
      if (batch.upload_id) await setVerdict(tx, batch.upload_id, { verdict: 'imported', reason })
      await queueRecap(tx, { ...recapOf(work), waitForFile: batch.after_action !== null })
      return ended
    })
    log.info({ batch: batch.id, team: team.team, state }, 'batch imported')
  } catch (error) {
    // An orderly stop or a lost database: the batch is imported again from its start.
    if (signal.aborted || isDatabaseAway(error)) throw error
    const rejection = rejectionOf(error, batch)
    if (rejection) {
      await endUnapplied(db, work, 'rejected', rejection)
      log.info({ batch: batch.id, team: team.team, code: rejection.code }, 'batch rejected')
    } else {
      log.error({ batch: batch.id, team: team.team, err: error }, 'batch failed')
      await endUnapplied(db, work, 'failed', {
        code: null,
        message: `The service could not import ${batch.file_name}; its log says why under batch ${batch.id}. Nothing was imported; the file is still in its place and is tried again by the next run.`,
      })
    }
  } finally {
    await content?.close()
  }
}

/** The file as it was when it was claimed, or null when another (or nothing) stands under its name now. */
async function openUpload(db: Database, files: FileArea, batch: BatchRow): Promise<OpenFile | null> {
  let content: OpenFile
  try {
    content = await files.open(teamPath(batch.path))
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return null
    throw error
  }
  const upload = batch.upload_id ? await uploadById(db, batch.upload_id) : null
  if (upload?.identity && !sameFile(upload.identity, content.entry.identity)) {
    await content.close()
    return null
  }
  return content
}

function rejectionOf(error: unknown, batch: BatchRow): { code: BatchProblem['code']; message: string } | null {
  if (error instanceof BatchProblem) return { code: error.code, message: error.message }
  if (error instanceof FileProblem || isReadFault(error))
    return {
      code: 'F_UNREADABLE',
      message: `${batch.file_name} could not be read (${(error as Error).message}). Nothing was imported; the file is still in its place.`,
    }
  return null
}

/** A fault of the disk or of the rights on it while the file was read. */
function isReadFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'read' || error.syscall === 'open')
}

/** Ends the batch with nothing applied, tells the people, and leaves the file in its place. */
async function endUnapplied(
  db: Database,
  work: Pick<FileToImport, 'batch' | 'team' | 'settings'>,
  state: 'rejected' | 'failed' | 'aborted',
  problem: { code: BatchProblem['code'] | null; message: string },
): Promise<void> {
  const { batch, settings } = work
  await db.transaction().execute(async (tx) => {
    await finishUnapplied(tx, batch.id, state, problem)
    if (batch.upload_id)
      await setVerdict(tx, batch.upload_id, {
        verdict: state === 'rejected' ? 'rejected' : 'waiting',
        reason: problem.message,
        settingsVersion: settings.version,
      })
    await queueRecap(tx, { ...recapOf(work), waitForFile: false })
  })
}

function recapOf({ team, batch, settings }: Pick<FileToImport, 'batch' | 'team' | 'settings'>) {
  return { teamId: team.id, batchId: batch.id, recipients: splitAddresses(settings.notificationEmails) }
}
