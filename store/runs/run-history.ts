import { type Selectable, sql } from 'kysely'
import type { ErrorCode } from '../../model/codes.ts'
import type { RecordError } from '../../model/record.ts'
import { type AskedUndo, type Batch, importedRecords, type Run, type RunTrigger } from '../../model/run.ts'
import type { Database } from '../postgres/database.ts'
import { type Page, pageOf } from '../postgres/keyset-page.ts'
import type { BatchRow, RunRow, Tables, UndoRequest } from '../postgres/tables.ts'
import { BATCH_COLUMNS, batchById, heldFigures } from './batches.ts'

/** The runs of a team with their batches, newest first, from before the run with the number `before`. */
export async function listRuns(
  db: Database,
  teamId: number,
  { before, limit, show }: { before?: number | undefined; limit: number; show?: RunTrigger | 'trouble' | undefined },
): Promise<Page<Run>> {
  let query = runs(db).where('run.team_id', '=', teamId).orderBy('number', 'desc')
  if (show === 'trouble') query = query.where('state', 'in', ['imported_with_errors', 'rejected', 'failed', 'held'])
  else if (show) query = query.where('trigger', '=', show)
  if (before !== undefined) query = query.where('number', '<', before)
  const rows = await query.limit(limit + 1).execute()
  const page = pageOf(
    rows,
    limit,
    (row) => row.number,
    (row) => row,
  )
  return { items: await withBatches(db, page.items), next: page.next }
}

/** The last `limit` runs of each of the teams, newest first. */
export async function latestRuns(db: Database, teamIds: readonly number[], limit: number): Promise<Run[]> {
  if (teamIds.length === 0) return []
  const rows = await db
    .selectFrom('team')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('run')
          .selectAll('run')
          .whereRef('run.team_id', '=', 'team.id')
          .orderBy('number', 'desc')
          .limit(limit)
          .as('run'),
      (join) => join.onTrue(),
    )
    .selectAll('run')
    .select('team.team')
    .where('team.id', 'in', [...teamIds])
    .orderBy('run.number', 'desc')
    .execute()
  return withBatches(db, rows)
}

export async function findRun(db: Database, id: string): Promise<{ teamId: number; run: Run } | null> {
  const row = await runs(db).where('run.id', '=', id).executeTakeFirst()
  if (!row) return null
  const [run] = await withBatches(db, [row])
  return run ? { teamId: row.team_id, run } : null
}

/** Runs that wait or go on, or of which a batch is being undone. As the index of them has it. */
export const UNFINISHED = sql<boolean>`(run.state in ('queued', 'running') or run.undoing is not null)`

/** The run of a team that blocks any other. */
export interface UnfinishedRun {
  runId: string
  /** It has ended, and a batch of it is being undone. */
  undoing: boolean
}

export async function unfinishedRun(db: Database, teamId: number): Promise<UnfinishedRun | null> {
  const row = await db
    .selectFrom('run')
    .select(['id', 'undoing'])
    .where('team_id', '=', teamId)
    .where(UNFINISHED)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row ? { runId: row.id, undoing: row.undoing !== null } : null
}

export interface FoundBatch {
  teamId: number
  runId: string
  batch: Batch
  /** The header of the file; null when it could not be read. */
  header: string[] | null
}

export async function findBatch(db: Database, id: string): Promise<FoundBatch | null> {
  const row = await batches(db).select('batch.header').where('batch.id', '=', id).executeTakeFirst()
  return row ? { teamId: row.team_id, runId: row.run_id, batch: toBatch(row), header: row.header } : null
}

/** By line, from behind the line `after`. */
export async function listRecordErrors(
  db: Database,
  batchId: string,
  { after, limit }: { after?: number | undefined; limit: number },
): Promise<Page<RecordError>> {
  let query = db.selectFrom('record_error').selectAll().where('batch_id', '=', batchId).orderBy('line')
  if (after !== undefined) query = query.where('line', '>', after)
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.line, toRecordError)
}

/** How many records of a batch have each error; a record may have several. */
export async function countErrors(db: Database, batchId: string): Promise<Partial<Record<ErrorCode, number>>> {
  const { error_counts } = await batchById(db, batchId)
  if (error_counts) return error_counts.codes
  const { rows } = await sql<{ code: ErrorCode; records: number }>`
    select fault->>'code' as code, count(distinct line)::integer as records
    from record_error, jsonb_array_elements(errors) fault
    where batch_id = ${batchId}
    group by 1 order by 2 desc, 1`.execute(db)
  return Object.fromEntries(rows.map(({ code, records }) => [code, records]))
}

/** A record has up to 1 MiB. */
const ERRORS_AT_A_TIME = 50

/** All errors of a batch in the order of their lines; never more than fifty are in memory. */
export async function* allRecordErrors(db: Database, batchId: string): AsyncGenerator<RecordError> {
  let after: number | undefined
  do {
    const page: Page<RecordError> = await listRecordErrors(db, batchId, { after, limit: ERRORS_AT_A_TIME })
    yield* page.items
    after = page.next === null ? undefined : Number(page.next)
  } while (after !== undefined)
}

function runs(db: Database) {
  return db.selectFrom('run').innerJoin('team', 'team.id', 'run.team_id').selectAll('run').select('team.team')
}

/** Batches with the state of their recap. */
function batches(db: Database) {
  return db
    .selectFrom('batch')
    .leftJoin('mail as recap', (join) => join.onRef('recap.batch_id', '=', 'batch.id').on('recap.kind', '=', 'recap'))
    .select(BATCH_COLUMNS.map((column) => `batch.${column}` as const))
    .select(['recap.state as recap_state', 'recap.attempts as recap_attempts'])
    .select(
      sql<Date | null>`case when batch.state in ('imported', 'imported_with_errors') and undo_until > now()
        and (undo_request is null or (undo_request ->> 'failed')::boolean) then undo_until end`.as('undoable_until'),
    )
}

async function withBatches(db: Database, rows: readonly (RunRow & { team: string })[]): Promise<Run[]> {
  const ids = rows.map((row) => row.id)
  const found = await batches(db).where('batch.run_id', '=', sql<string>`any(${ids})`).orderBy('ordinal').execute()
  const byRun = Map.groupBy(found, (batch) => batch.run_id)
  return rows.map((row) => toRun(row, (byRun.get(row.id) ?? []).map(toBatch)))
}

function toRun(row: RunRow & { team: string }, batches: Batch[]): Run {
  return {
    id: row.id,
    number: row.number,
    team: row.team,
    trigger: row.trigger,
    window: row.window_name && row.window_date ? { name: row.window_name, date: row.window_date } : null,
    state: row.state,
    waitsForRoom: row.state === 'queued' && row.waits_for_room,
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
    startedAt: isoOrNull(row.started_at),
    finishedAt: isoOrNull(row.finished_at),
    files: row.files,
    batches,
  }
}

type BatchWithRecap = BatchRow & {
  recap_state: Tables['mail']['state'] | null
  recap_attempts: number | null
  undoable_until: Date | null
}

function toBatch(row: BatchWithRecap): Batch {
  const held = heldFigures(row)
  const counts = {
    records: row.records,
    created: row.created,
    updated: row.updated,
    unchanged: row.unchanged,
    rejected: row.rejected,
    superseded: row.superseded,
    optedOut: row.opted_out,
    optedIn: row.opted_in,
  }
  return {
    id: row.id,
    state: row.state,
    path: row.path,
    fileName: row.file_name,
    bytes: row.bytes,
    sha256: row.sha256,
    receivedAt: isoOrNull(row.received_at),
    startedAt: isoOrNull(row.started_at),
    finishedAt: isoOrNull(row.finished_at),
    settingsVersion: row.settings_version,
    counts: { ...counts, imported: importedRecords(counts) },
    errorsKept: row.errors_kept ?? row.rejected,
    warnings: row.warnings,
    problem: row.problem,
    held: held && { ...held, decision: row.decision, decidedBy: row.decided_by },
    afterImport:
      row.after_state === 'done' && row.after_action ? { action: row.after_action, path: row.after_path } : null,
    recap: row.recap_state ? { state: row.recap_state, attempts: row.recap_attempts ?? 0 } : null,
    undoableUntil: isoOrNull(row.undoable_until),
    undo: row.undo_request && askedUndo(row.undo_request),
    undone: row.undone,
  }
}

function askedUndo({ by, at, failed }: UndoRequest): AskedUndo {
  return { state: failed ? 'failed' : 'going', by, at }
}

function toRecordError(row: Selectable<Tables['record_error']>): RecordError {
  return { line: row.line, contactId: row.contact_id, errors: row.errors, values: row.record_values }
}

function isoOrNull(moment: Date | null): string | null {
  return moment?.toISOString() ?? null
}
