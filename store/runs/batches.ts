import { sql } from 'kysely'
import type { WarningCode, WarningCounts } from '../../model/codes.ts'
import type { AfterImport } from '../../model/import-settings.ts'
import type { RejectedRecords } from '../../model/rejected-records.ts'
import type { BatchCounts, BatchState, FileRejection, HeldBatch, UndoneBatch } from '../../model/run.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { UNDO_DAYS } from '../contacts/history/values-before.ts'
import type { Database } from '../postgres/database.ts'
import type { BatchRow } from '../postgres/tables.ts'

/** Those of a row: all but the header. */
export const BATCH_COLUMNS = [
  'id',
  'run_id',
  'team_id',
  'ordinal',
  'upload_id',
  'state',
  'path',
  'file_name',
  'bytes',
  'sha256',
  'received_at',
  'settings_version',
  'records',
  'created',
  'updated',
  'unchanged',
  'rejected',
  'superseded',
  'opted_out',
  'opted_in',
  'warnings',
  'problem',
  'after_action',
  'after_state',
  'after_path',
  'temporary_name',
  'approved_by',
  'held',
  'approved',
  'decision',
  'decided_by',
  'decided_at',
  'undo_until',
  'undo_request',
  'undone',
  'started_at',
  'finished_at',
  'applied_at',
  'errors_kept',
  'errors_bytes',
  'error_counts',
] as const satisfies readonly (keyof BatchRow)[]

/** A file that a run takes. */
export interface NewBatch {
  /** The hidden name of the file of a Manual Import; null for one in the root. */
  temporaryName: string | null
  /** Who lets it pass the guardrails. */
  approvedBy: string | null
  /** The figures that were approved. */
  approved?: HeldBatch
  uploadId: string | null
  path: TeamPath
  fileName: string
  bytes: number
  receivedAt: Date | null
  settingsVersion: number
  afterImport: AfterImport['action'] | null
}

/** Adds files to a run, behind those that it has, in the order in which they are to be imported. */
export async function addBatches(
  db: Database,
  run: { id: string; team_id: number },
  batches: readonly NewBatch[],
): Promise<void> {
  if (batches.length === 0) return
  const { first } = await db
    .selectFrom('batch')
    .select(({ fn }) => fn.countAll<number>().as('first'))
    .where('run_id', '=', run.id)
    .executeTakeFirstOrThrow()
  await db
    .insertInto('batch')
    .values(
      batches.map((batch, place) => ({
        run_id: run.id,
        team_id: run.team_id,
        ordinal: Number(first) + place,
        upload_id: batch.uploadId,
        temporary_name: batch.temporaryName,
        approved_by: batch.approvedBy,
        approved: batch.approved ? JSON.stringify(batch.approved) : null,
        state: 'queued' as const,
        path: batch.path,
        file_name: batch.fileName,
        bytes: batch.bytes,
        received_at: batch.receivedAt,
        settings_version: batch.settingsVersion,
        after_action: batch.afterImport,
      })),
    )
    .execute()
}

export async function batchesOfRun(db: Database, runId: string): Promise<BatchRow[]> {
  return db.selectFrom('batch').select(BATCH_COLUMNS).where('run_id', '=', runId).orderBy('ordinal').execute()
}

export async function batchById(db: Database, batchId: string): Promise<BatchRow> {
  return db.selectFrom('batch').select(BATCH_COLUMNS).where('id', '=', batchId).executeTakeFirstOrThrow()
}

/** The batch is being worked on: `parsing` reads the file, `applying` merges it. */
export async function startBatch(tx: Database, batchId: string): Promise<void> {
  await tx
    .updateTable('batch')
    .set({ state: 'parsing', started_at: sql<Date>`coalesce(started_at, clock_timestamp())` })
    .where('id', '=', batchId)
    .where('state', 'in', UNENDED)
    .execute()
}

/** In these states a process works on the batch, or died over it: it is imported (again) from the start. */
export const UNENDED: readonly BatchState[] = ['queued', 'parsing', 'applying']

/** Recorded with the end of the batch. */
export interface FileFacts {
  sha256: string | null
  header: readonly string[] | null
}

/** What the records of a file came to. */
export interface AppliedFile {
  facts: FileFacts
  counts: BatchCounts
  warnings: WarningCounts
  errors: RejectedRecords
}

/** Ends a batch whose records were applied. In the transaction that applied them, so that both are true or neither. */
export async function finishImported(
  tx: Database,
  batchId: string,
  { facts, counts, warnings, errors }: AppliedFile,
): Promise<BatchState> {
  const state: BatchState = counts.rejected > 0 ? 'imported_with_errors' : 'imported'
  await tx
    .updateTable('batch')
    .set({
      state,
      sha256: facts.sha256,
      header: facts.header && JSON.stringify(facts.header),
      records: counts.records,
      created: counts.created,
      updated: counts.updated,
      unchanged: counts.unchanged,
      rejected: counts.rejected,
      superseded: counts.superseded,
      opted_out: counts.optedOut,
      opted_in: counts.optedIn,
      warnings: JSON.stringify(warnings),
      errors_kept: errors.kept,
      errors_bytes: errors.keptBytes,
      error_counts: JSON.stringify(errors.counts),
      after_state: sql`case when after_action is null then 'none' else 'pending' end`,
      finished_at: sql<Date>`clock_timestamp()`,
      // The moment that its contacts bear: an undo and the history know them by it.
      applied_at: sql<Date>`now()`,
      undo_until: sql<Date>`clock_timestamp() + make_interval(days => ${UNDO_DAYS})`,
    })
    .where('id', '=', batchId)
    .execute()
  return state
}

/** Ends a batch of which nothing was applied. */
export async function finishUnapplied(
  tx: Database,
  batchId: string,
  state: 'rejected' | 'failed' | 'aborted',
  problem: FileRejection,
): Promise<void> {
  await tx
    .updateTable('batch')
    .set({ state, problem: JSON.stringify(problem), finished_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', batchId)
    .execute()
}

/** Ends a batch that waits for a person's word; nothing of it was applied. */
export async function finishHeld(tx: Database, batchId: string, facts: FileFacts, held: HeldBatch): Promise<void> {
  await tx
    .updateTable('batch')
    .set({
      state: 'held',
      sha256: facts.sha256,
      header: facts.header && JSON.stringify(facts.header),
      held: JSON.stringify(held),
      finished_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', batchId)
    .execute()
}

/** Gives a held batch new figures under other settings, unless it was decided or got others meanwhile. */
export async function holdAnew(
  tx: Database,
  batchId: string,
  held: HeldBatch,
  settingsVersion: number,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('batch')
    .set({ held: JSON.stringify(held), settings_version: settingsVersion })
    .where('id', '=', batchId)
    .where('state', '=', 'held')
    .where('decision', 'is', null)
    .where(sql<boolean>`coalesce((held ->> 'revision')::integer, 1) = ${held.revision - 1}`)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** What a held batch showed. An earlier release gave it no revision. */
export function heldFigures({ held }: Pick<BatchRow, 'held'>): HeldBatch | null {
  return held && { ...held, revision: held.revision ?? 1 }
}

/** The held batch has already been decided. */
export class DecidedBefore extends Error {
  override readonly name = 'DecidedBefore'
}

/** Answers false when the batch is not held, has already been decided, or shows figures of another revision. */
export async function decideHeld(
  tx: Database,
  batchId: string,
  decision: 'approved' | 'discarded',
  by: string,
  revision: number | null = null,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('batch')
    .set({ decision, decided_by: by, decided_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', batchId)
    .where('state', '=', 'held')
    .where('decision', 'is', null)
    .$if(revision !== null, (held) =>
      held.where(sql<boolean>`coalesce((held ->> 'revision')::integer, 1) = ${revision}`),
    )
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** `kept`: the former values of its contacts are still stored. */
export async function batchToUndo(db: Database, batchId: string): Promise<BatchRow & { kept: boolean }> {
  return db
    .selectFrom('batch')
    .selectAll()
    .select(sql<boolean>`coalesce(undo_until > now(), false)`.as('kept'))
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow()
}

/** The counts of the batch stay: they say what it had done. */
export async function finishUndone(tx: Database, batchId: string, undone: UndoneBatch): Promise<void> {
  await tx
    .updateTable('batch')
    .set({
      state: 'undone',
      undone: JSON.stringify(undone),
      undo_request: null,
      undo_until: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', batchId)
    .execute()
}

/** Nothing was undone: it may be requested again. */
export async function finishNotUndone(tx: Database, batchId: string): Promise<void> {
  await tx
    .updateTable('batch')
    .set({ undo_request: sql`undo_request || '{"failed": true}'` })
    .where('id', '=', batchId)
    .execute()
}

/** Which of the uploads have a batch that was held. */
export async function heldUploads(db: Database, uploadIds: readonly string[]): Promise<Set<string>> {
  if (uploadIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('batch')
    .select('upload_id')
    .where('upload_id', 'in', [...uploadIds])
    .where('state', '=', 'held')
    .execute()
  return new Set(rows.map(({ upload_id }) => upload_id as string))
}

/** The last batch of each upload that has one. */
export async function lastBatches(
  db: Database,
  uploadIds: readonly string[],
): Promise<Map<string, { id: string; state: BatchState; run: number }>> {
  if (uploadIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('batch')
    .innerJoin('run', 'run.id', 'batch.run_id')
    .select(['batch.upload_id', 'batch.id', 'batch.state', 'run.number'])
    .where('batch.upload_id', '=', sql<string>`any(${[...uploadIds]}::uuid[])`)
    .orderBy('run.number')
    .execute()
  return new Map(rows.map(({ upload_id, id, state, number }) => [upload_id as string, { id, state, run: number }]))
}

/** How many records the last good files had whose names begin with `prefix`, newest first. */
export async function recordsOfGoodFiles(
  db: Database,
  teamId: number,
  prefix: string,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('batch')
    .select('records')
    .where('team_id', '=', teamId)
    .where('state', 'in', ['imported', 'imported_with_errors'])
    .where(sql<boolean>`starts_with(file_name, ${prefix})`)
    .where(sql<boolean>`rejected <= 0.2 * records`)
    .where('records', '>', 0)
    .orderBy('finished_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ records }) => records)
}

/** The hidden names of files given by hand that are still needed: their batch has not ended, or waits for a decision. */
export async function heldTemporaryNames(db: Database, teamId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('batch')
    .select('temporary_name')
    .where('team_id', '=', teamId)
    .where('temporary_name', 'is not', null)
    .where((eb) => eb.or([eb('state', 'in', UNENDED), eb.and([eb('state', '=', 'held'), eb('decision', 'is', null)])]))
    .execute()
  return rows.map(({ temporary_name }) => temporary_name as string)
}

/** Where the file is now; null once it is deleted. */
export async function finishAfterImport(db: Database, batchId: string, path: TeamPath | null): Promise<void> {
  await db.updateTable('batch').set({ after_state: 'done', after_path: path }).where('id', '=', batchId).execute()
}

/** Another file has the name by now; it is not touched. */
export async function skipAfterImport(db: Database, batchId: string): Promise<void> {
  await db.updateTable('batch').set({ after_state: 'none' }).where('id', '=', batchId).execute()
}

/** The file could not be moved or deleted: the import is valid, and the warning says so. In a transaction. */
export async function failAfterImport(tx: Database, batchId: string, message: string): Promise<void> {
  const code: WarningCode = 'W_AFTER_IMPORT_FAILED'
  await tx
    .updateTable('batch')
    .set({ after_state: 'failed', warnings: sql`warnings || ${JSON.stringify({ [code]: 1 })}::jsonb` })
    .where('id', '=', batchId)
    .execute()
  await warnAboutBatch(tx, batchId, code, message)
}

/** A remark on the batch as a whole has line 0. */
export async function warnAboutBatch(tx: Database, batchId: string, code: WarningCode, message: string): Promise<void> {
  await tx
    .insertInto('record_warning')
    .values({ batch_id: batchId, line: 0, code, contact_id: null, message })
    .execute()
}

/** The last batch of this team that imported these very bytes, if there is one: its run's number and its own place. */
export async function importedBefore(
  db: Database,
  teamId: number,
  sha256: string,
  exceptBatchId: string,
): Promise<{ runNumber: number; batchId: string } | null> {
  const last = await db
    .selectFrom('batch')
    .innerJoin('run', 'run.id', 'batch.run_id')
    .select(['batch.id', 'batch.sha256', 'run.number'])
    .where('batch.team_id', '=', teamId)
    .where('batch.id', '!=', exceptBatchId)
    .where('batch.state', 'in', ['imported', 'imported_with_errors'])
    .orderBy('batch.finished_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last?.sha256 === sha256 ? { runNumber: last.number, batchId: last.id } : null
}
