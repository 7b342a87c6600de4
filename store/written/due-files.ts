import { sql } from 'kysely'
import type { Slot } from '../../model/daily-windows.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { emptyWindowPath, resultPath } from '../../model/result-names.ts'
import { nameOf, type TeamPath, teamPath } from '../../model/team-path.ts'
import { isMatching } from '../../model/which-file.ts'
import type { Database } from '../postgres/database.ts'
import { sendSignal } from '../postgres/signals.ts'
import type { WrittenFileRow } from '../postgres/tables.ts'
import { currentSettings } from '../settings.ts'

/** What a file of ours tells about. */
interface About {
  batchId?: string
  uploadId?: string
  slot?: Slot
  /**
   * Of two under one path the later one counts; but a batch is always told in place of an upload that left no file, which may
   * have broken off while the earlier file of that name waited for its import.
   */
  at: Date
}

/** A file is left for so long to the process that began to write it; that one may have died. */
const WRITING_SECONDS = 20
const FIRST_RETRY_SECONDS = 5
const LONGEST_RETRY_SECONDS = 600
const GIVE_UP_HOURS = 72

/** Queues the result of a batch, in the transaction in which its state changes. What a browser gave has no sender to tell. */
export async function wantBatchResult(tx: Database, teamId: number, batchId: string): Promise<void> {
  const { results } = await currentSettings(tx, teamId)
  if (!results) return
  const batch = await tx
    .selectFrom('batch')
    .innerJoin('run', 'run.id', 'batch.run_id')
    .select(['batch.file_name', 'batch.received_at', 'run.trigger'])
    .where('batch.id', '=', batchId)
    .executeTakeFirst()
  if (!batch || batch.trigger === 'manual') return
  await want(tx, teamId, resultPath(results, batch.file_name), { batchId, at: batch.received_at ?? new Date() })
}

/** Queues the results of files that waited and are not imported any more, in the transaction in which they are passed over. */
export async function wantSupersededResults(
  tx: Database,
  teamId: number,
  files: readonly { id: string; path: TeamPath; receivedAt: Date | null }[],
): Promise<void> {
  const { results } = await currentSettings(tx, teamId)
  if (!results) return
  for (const { id, path, receivedAt } of files)
    await want(tx, teamId, resultPath(results, nameOf(path)), { uploadId: id, at: receivedAt ?? new Date() })
}

/** Queues the result of an upload that left no file, if its file would have been imported. */
export async function wantUploadResult(db: Database, uploadId: string): Promise<void> {
  const upload = await db
    .selectFrom('upload')
    .select(['team_id', 'path', 'started_at'])
    .where('id', '=', uploadId)
    .where('state', '=', 'incomplete')
    .executeTakeFirst()
  if (!upload) return
  const { results, file } = await currentSettings(db, upload.team_id)
  const path = teamPath(upload.path)
  if (!results || !isMatching(path, file)) return
  await want(db, upload.team_id, resultPath(results, nameOf(path)), { uploadId, at: upload.started_at })
}

/** Queues that a window passed without a file, in the transaction that ends it. */
export async function wantEmptyWindowResult(
  tx: Database,
  teamId: number,
  settings: ImportSettings,
  slot: Slot,
): Promise<void> {
  if (settings.results)
    await want(tx, teamId, emptyWindowPath(settings.results, settings, slot), { slot, at: new Date() })
}

/** Somebody writes it, or died with it less than `WRITING_SECONDS` ago. */
const isClaimed = sql<boolean>`(written_file.kind = 'result' and written_file.state = 'due' and written_file.attempts > 0
  and written_file.last_error is null)`

async function want(db: Database, teamId: number, path: TeamPath, about: About): Promise<void> {
  const now = sql<Date>`clock_timestamp()`
  const due = { ...aboutColumns(about), state: 'due' as const, created_at: now, next_attempt_at: now }
  await db
    .insertInto('written_file')
    .values({ team_id: teamId, kind: 'result', path, ...due })
    .onConflict((conflict) =>
      conflict
        .columns(['team_id', 'path'])
        .doUpdateSet({
          ...{ ...due, kind: 'result', last_error: null },
          // One that is being written is left to its writer, so that no older text can come after a newer one.
          attempts: sql`case when ${isClaimed} then written_file.attempts else 0 end`,
          next_attempt_at: sql`case when ${isClaimed} then written_file.next_attempt_at else ${now} end`,
          revision: sql`written_file.revision + 1`,
        })
        .where((eb) => {
          const isLater = eb('written_file.about_at', '<=', about.at)
          return about.batchId === undefined ? isLater : eb.or([isLater, eb('written_file.upload_id', 'is not', null)])
        }),
    )
    .execute()
  await sendSignal(db, { kind: 'file_due' })
}

function aboutColumns({ batchId = undefined, uploadId = undefined, slot = undefined, at }: About) {
  return {
    batch_id: batchId ?? null,
    upload_id: uploadId ?? null,
    window_name: slot?.name ?? null,
    window_date: slot?.date ?? null,
    about_at: at,
  }
}

/** Takes a result that is due; no other process gets it for a while. */
export async function claimResult(db: Database): Promise<WrittenFileRow | null> {
  const claimed = await db
    .updateTable('written_file')
    .set({
      attempts: sql`attempts + 1`,
      last_error: null,
      next_attempt_at: sql<Date>`clock_timestamp() + make_interval(secs => ${WRITING_SECONDS})`,
    })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('written_file')
        .select('written_file.id')
        .where('state', '=', 'due')
        .where('kind', '=', 'result')
        .where('next_attempt_at', '<=', sql<Date>`clock_timestamp()`)
        .orderBy('next_attempt_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst()
  return claimed ?? null
}

/** Whoever writes a file for longer than other processes wait calls this meanwhile. */
export async function keepClaim(db: Database, id: string): Promise<void> {
  await db
    .updateTable('written_file')
    .set({ next_attempt_at: sql<Date>`clock_timestamp() + make_interval(secs => ${WRITING_SECONDS})` })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .execute()
}

/** The path and the trouble of the result that waits longest for being written, after an attempt that failed. */
export async function resultTrouble(db: Database, teamId: number): Promise<{ path: string; reason: string } | null> {
  const row = await db
    .selectFrom('written_file')
    .select(['path', 'last_error as reason'])
    .where('team_id', '=', teamId)
    .where('state', '=', 'due')
    .where('last_error', 'is not', null)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
  return row?.reason ? { path: row.path, reason: row.reason } : null
}

/** It is tried again, for three days. */
export async function noteNotWritten(
  db: Database,
  { id, attempts, revision }: WrittenFileRow,
  reason: string,
): Promise<void> {
  const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS)
  await db
    .updateTable('written_file')
    .set({
      last_error: reason,
      next_attempt_at: sql<Date>`clock_timestamp()
        + make_interval(secs => case when revision = ${revision} then ${seconds} else 0 end)`,
      state: sql`case when created_at < now() - make_interval(hours => ${GIVE_UP_HOURS}) then 'failed' else state end`,
    })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .execute()
}
