import { type ExpressionBuilder, sql } from 'kysely'
import type { Slot } from '../model/daily-windows.ts'
import type { RunFile, RunState, RunTrigger } from '../model/run.ts'
import type { Database } from './database.ts'
import { satisfySlot } from './slots.ts'
import type { RunRow, Tables } from './tables.ts'

/** How long a run is believed to be worked on after its worker was last heard of. */
export const LEASE_SECONDS = 30

export interface NewRun {
  trigger: RunTrigger
  requestedBy: string | null
  slot: Slot | null
}

/** The run that was queued, or the unfinished one of the team that stands in its way. */
export type QueuedRun = { ok: true; runId: string } | { ok: false; runId: string }

/**
 * Queues a run unless the team has an unfinished one; the row lock on the team decides between simultaneous callers.
 * The slot of a scheduled run is satisfied in the same step, so that no window runs twice.
 */
export async function queueRun(db: Database, teamId: number, run: NewRun): Promise<QueuedRun> {
  return db.transaction().execute(async (tx) => {
    await tx.selectFrom('team').select('id').where('id', '=', teamId).forUpdate().executeTakeFirstOrThrow()
    const unfinished = await tx
      .selectFrom('run')
      .select('id')
      .where('team_id', '=', teamId)
      .where('state', 'in', ['queued', 'running'])
      .orderBy('created_at')
      .executeTakeFirst()
    if (unfinished) return { ok: false, runId: unfinished.id }
    const { last_run_number } = await tx
      .updateTable('team')
      .set({ last_run_number: sql`last_run_number + 1` })
      .where('id', '=', teamId)
      .returning('last_run_number')
      .executeTakeFirstOrThrow()
    const { id } = await tx
      .insertInto('run')
      .values({
        team_id: teamId,
        number: last_run_number,
        trigger: run.trigger,
        requested_by: run.requestedBy,
        window_name: run.slot?.name ?? null,
        window_date: run.slot?.date ?? null,
        state: 'queued',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    if (run.slot) await satisfySlot(tx, teamId, run.slot, id)
    return { ok: true, runId: id }
  })
}

/**
 * Takes the oldest run that nobody works on: queued, or running under a lease that ran out because its process died.
 * The lease counts in the time of the database, so that the clocks of the machines do not matter.
 */
export async function claimRun(db: Database, owner: string): Promise<RunRow | null> {
  const free = (eb: ExpressionBuilder<Tables, 'run'>) =>
    eb.or([eb('state', '=', 'queued'), eb.and([eb('state', '=', 'running'), eb('lease_until', '<', sql<Date>`now()`)])])
  const claimed = await db
    .updateTable('run')
    .set({
      state: 'running',
      started_at: sql<Date>`coalesce(started_at, now())`,
      lease_owner: owner,
      lease_until: leaseEnd(),
    })
    .where('id', '=', (eb) =>
      eb.selectFrom('run').select('run.id').where(free).orderBy('created_at').limit(1).forUpdate().skipLocked(),
    )
    .returningAll()
    .executeTakeFirst()
  return claimed ?? null
}

/** Keeps a run ours for another while; false when it was taken over meanwhile, and then nothing more may be written. */
export async function renewLease(db: Database, runId: string, owner: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('run')
    .set({ lease_until: leaseEnd() })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Gives an unfinished run back at an orderly shutdown, so that whoever starts next takes it up at once. */
export async function releaseRun(db: Database, runId: string, owner: string): Promise<void> {
  await db
    .updateTable('run')
    .set({ lease_until: sql<Date>`now()` })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .where('state', '=', 'running')
    .execute()
}

/** What the run found in the root; shown with the run from then on. */
export async function setRunFiles(db: Database, runId: string, files: readonly RunFile[]): Promise<void> {
  await db
    .updateTable('run')
    .set({ files: JSON.stringify(files) })
    .where('id', '=', runId)
    .execute()
}

export async function finishRun(db: Database, runId: string, state: RunState): Promise<void> {
  await db
    .updateTable('run')
    .set({ state, finished_at: sql<Date>`now()`, lease_owner: null, lease_until: null })
    .where('id', '=', runId)
    .execute()
}

function leaseEnd() {
  return sql<Date>`now() + make_interval(secs => ${LEASE_SECONDS})`
}
