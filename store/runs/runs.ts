import { sql } from 'kysely'
import type pg from 'pg'
import type { Slot } from '../../model/daily-windows.ts'
import type { RunFile, RunState, RunTrigger } from '../../model/run.ts'
import type { Database } from '../postgres/database.ts'
import type { RunRow } from '../postgres/tables.ts'
import { addBatches, DecidedBefore, decideHeld, type NewBatch } from './batches.ts'
import { UNFINISHED, type UnfinishedRun, unfinishedRun } from './run-history.ts'
import { runsOfSlot } from './slots.ts'

/** How long a run is believed to be worked on after its worker was last heard of. */
export const LEASE_SECONDS = 20

export interface NewRun {
  trigger: RunTrigger
  requestedBy: string | null
  /** With how many runs it had when it was decided to start this one: of two who decide at once one is right. */
  slot: (Slot & { runsBefore: number }) | null
  /** Named files; null: the run looks for them itself. */
  files: { found: RunFile[]; batches: NewBatch[] } | null
  /** The held batch that becomes approved with this run. */
  approves?: {
    batchId: string
    revision: number
    by: string
    /** Called in the transaction that approves it. */
    approved: (tx: Database, batchId: string) => Promise<void>
  } | null
}

/** The run that was queued, or the unfinished run of the team. */
export type QueuedRun = { ok: true; runId: string } | ({ ok: false } & UnfinishedRun)

/**
 * Queues a run unless the team has an unfinished one; the row lock on the team decides between simultaneous callers. Throws
 * `DecidedBefore` where the batch that it approves has already been decided.
 */
export async function queueRun(db: Database, teamId: number, run: NewRun): Promise<QueuedRun> {
  return db.transaction().execute(async (tx) => {
    await tx.selectFrom('team').select('id').where('id', '=', teamId).forUpdate().executeTakeFirstOrThrow()
    const unfinished = await unfinishedRun(tx, teamId)
    if (unfinished) return { ok: false, ...unfinished }
    if (run.slot) {
      const { runs, lastRunId } = await runsOfSlot(tx, teamId, run.slot)
      if (runs !== run.slot.runsBefore && lastRunId) return { ok: false, runId: lastRunId, undoing: false }
    }
    if (run.approves) {
      const { batchId, by, revision, approved } = run.approves
      if (!(await decideHeld(tx, batchId, 'approved', by, revision)))
        throw new DecidedBefore(`batch ${batchId} is not held, or not any more, or shows other figures`)
      await approved(tx, batchId)
    }
    const number = await nextRunNumber(tx, teamId)
    const { id } = await tx
      .insertInto('run')
      .values({
        team_id: teamId,
        number,
        trigger: run.trigger,
        requested_by: run.requestedBy,
        window_name: run.slot?.name ?? null,
        window_date: run.slot?.date ?? null,
        state: 'queued',
        named: run.files !== null,
        files: JSON.stringify(run.files?.found ?? []),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    if (run.files) await addBatches(tx, { id, team_id: teamId }, run.files.batches)
    return { ok: true, runId: id }
  })
}

async function nextRunNumber(tx: Database, teamId: number): Promise<number> {
  const { last_run_number } = await tx
    .updateTable('team')
    .set({ last_run_number: sql`last_run_number + 1` })
    .where('id', '=', teamId)
    .returning('last_run_number')
    .executeTakeFirstOrThrow()
  return last_run_number
}

/** A run that nobody asked for and no process works on: it shows what came of an upload. */
export async function addEndedRun(
  tx: Database,
  teamId: number,
  { state, files }: { state: RunState; files: readonly RunFile[] },
): Promise<{ id: string; team_id: number }> {
  const now = sql<Date>`clock_timestamp()`
  return tx
    .insertInto('run')
    .values({
      team_id: teamId,
      number: await nextRunNumber(tx, teamId),
      trigger: 'on_demand',
      state,
      named: true,
      started_at: now,
      finished_at: now,
      files: JSON.stringify(files),
    })
    .returning(['id', 'team_id'])
    .executeTakeFirstOrThrow()
}

/** Lets no run of the team begin until the transaction ends, and answers the one that has begun. Uploads go on. */
export async function holdRuns(tx: Database, teamId: number): Promise<UnfinishedRun | null> {
  await tx.selectFrom('team').select('id').where('id', '=', teamId).forNoKeyUpdate().executeTakeFirstOrThrow()
  return unfinishedRun(tx, teamId)
}

export async function runById(db: Database, runId: string): Promise<RunRow> {
  return db.selectFrom('run').selectAll().where('id', '=', runId).executeTakeFirstOrThrow()
}

/** The process that works on a run, and no other: it has its name on the run until that has ended. */
export interface Lease {
  runId: string
  /** The name of its database connections. */
  owner: string
}

/**
 * Takes the oldest run that no process works on: queued, left by us (not among `going`), under a lease that ran out, or of a
 * process that has no connection any more. The lease counts in the time of the database, so that the clocks of the
 * machines do not matter. A worker that only seemed dead does no harm: its writes are refused (`holdLease`).
 * With `mostBytes` only runs are taken whose files are known and are no larger than that in all, with `onlyAborted` only
 * those that are to be aborted.
 */
export async function claimRun(
  db: Database,
  owner: string,
  going: readonly string[],
  { mostBytes = null, onlyAborted = false }: { mostBytes?: number | null; onlyAborted?: boolean } = {},
): Promise<RunRow | null> {
  const claimed = await db
    .updateTable('run')
    .set({
      state: sql`case when undoing is null then 'running' else state end`,
      started_at: sql<Date>`coalesce(started_at, clock_timestamp())`,
      lease_owner: owner,
      lease_until: leaseEnd(),
      waits_for_room: false,
    })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('run')
        .select('run.id')
        .where(UNFINISHED)
        .where(free(owner))
        .where(sql<boolean>`run.id <> all(${[...going]}::uuid[])`)
        .$if(mostBytes !== null, (runs) => runs.where(sql<boolean>`${BYTES_TO_IMPORT} <= ${mostBytes}`))
        .$if(onlyAborted, (runs) => runs.where('abort_requested_at', 'is not', null))
        .orderBy('created_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst()
  return claimed ?? null
}

/** Queued runs wait until the disk of the database has room, or do not any more. */
export async function noteWaiting(db: Database, wait: boolean): Promise<void> {
  await db
    .updateTable('run')
    .set({ waits_for_room: wait })
    .where(UNFINISHED)
    .where('state', '=', 'queued')
    .where('waits_for_room', '=', !wait)
    .execute()
}

/** It has no holder, or its holder is gone. */
const free = (
  owner: string,
) => sql<boolean>`(run.lease_owner is null or run.lease_owner = ${owner} or run.lease_until < now()
  or not exists (select from pg_stat_activity a
    where a.datname = current_database() and a.application_name = run.lease_owner))`

/** Of the batches that a run has, or of what it may find in the root; null where nothing is known. */
const BYTES_TO_IMPORT = sql`coalesce(
  (select sum(bytes) from batch where batch.run_id = run.id),
  (select sum(bytes) from upload where upload.team_id = run.team_id and upload.state = 'ready' and upload.gone_at is null
    and upload.verdict not in ('imported', 'superseded'))
)`

/**
 * Ends the transactions that processes hold open whose lease ran out: a process that froze or was cut off while
 * it held its run would block the run for all others.
 */
export async function endSleepers(db: Database, owner: string): Promise<void> {
  const asleep = sql`select lease_owner from run where ${UNFINISHED} and lease_until < now() and lease_owner <> ${owner}`
  const { rows } = await sql`${asleep} limit 1`.execute(db)
  if (rows.length === 0) return
  await db.transaction().execute(async (tx) => {
    // As the user of the connection: a role that it took on may not end what belongs to that user.
    await sql`set local role none`.execute(tx)
    // Waits until they are gone, so that the run can be claimed by this look and not only by the next.
    await sql`select pg_terminate_backend(a.pid, 1000) from pg_stat_activity a
      where a.datname = current_database() and a.state like 'idle in transaction%' and a.application_name in (${asleep})`.execute(
      tx,
    )
  })
}

/** Keeps a run ours for another while; `lost` when it was taken over meanwhile, and then nothing more may be written. */
export async function renewLease(db: Database, { runId, owner }: Lease): Promise<'ours' | 'lost' | 'abort_requested'> {
  const row = await db
    .updateTable('run')
    .set({ lease_until: leaseEnd() })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .returning(['abort_requested_at', 'state'])
    .executeTakeFirst()
  if (!row) return 'lost'
  // What was to be aborted is the run, and that has ended when a batch of it is undone.
  return row.abort_requested_at && row.state === 'running' ? 'abort_requested' : 'ours'
}

/** Another process has taken the run over, or it was ended: what this one was about to write is discarded. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** The run was aborted; what is not yet committed is rolled back. */
export class AbortRequested extends Error {
  override readonly name = 'AbortRequested'
}

/**
 * Makes sure, until the transaction ends, that the run is ours. Call in every transaction that writes for a run:
 * a process that was frozen or cut off may not know that another has taken its place.
 */
export async function holdLease(tx: Database, { runId, owner }: Lease, heed: 'abort' | null = null): Promise<void> {
  const row = await tx
    .selectFrom('run')
    .select('abort_requested_at')
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .forShare()
    .executeTakeFirst()
  if (!row) throw new LeaseLost(`run ${runId} is no longer ours`)
  if (heed && row.abort_requested_at) throw new AbortRequested('the run is to be aborted')
}

/** Beside the locks on paths, whose first number is a team's. */
const RUN_LOCKS = -1

/**
 * Ends any transaction that another process still holds open for this run, and lets none begin until ours has ended.
 * Call with the lease in hand: the holder of the lock is then a worker that was taken for dead.
 */
export async function excludeOtherWorkers(client: pg.PoolClient, runId: string): Promise<void> {
  const { rows } = await client.query("select current_setting('role') as role")
  // As the user of the connection: a role that it took on may not end what belongs to that user.
  await client.query('set local role none')
  await client.query(
    `select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and granted
      -- Shown as unsigned numbers.
      and classid = ($1::bigint & 4294967295)::oid and objid = (hashtext($2)::bigint & 4294967295)::oid
      and database = (select oid from pg_database where datname = current_database())`,
    [RUN_LOCKS, runId],
  )
  await client.query("select set_config('role', $1, true)", [rows[0].role])
  await client.query('select pg_advisory_xact_lock($1::integer, hashtext($2))', [RUN_LOCKS, runId])
}

/** Gives an unfinished run back at an orderly shutdown, so that the next process to start takes it up at once. */
export async function releaseRun(db: Database, { runId, owner }: Lease): Promise<void> {
  await db
    .updateTable('run')
    .set({ lease_until: sql<Date>`clock_timestamp()` })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .execute()
}

/** Gives a run back of which nothing was done yet, to wait as if it had not been taken. */
export async function requeueRun(db: Database, { runId, owner }: Lease): Promise<void> {
  await db
    .updateTable('run')
    .set({ state: 'queued', started_at: null, lease_owner: null, lease_until: null })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .where('state', '=', 'running')
    .execute()
}

/** Answers false when the run has ended already. */
export async function requestAbort(db: Database, runId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('run')
    .set({ abort_requested_at: sql<Date>`coalesce(abort_requested_at, clock_timestamp())` })
    .where('id', '=', runId)
    .where('state', 'in', ['queued', 'running'])
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** The files found in the root; shown with the run from then on. */
export async function setRunFiles(db: Database, runId: string, files: readonly RunFile[]): Promise<void> {
  await db
    .updateTable('run')
    .set({ files: JSON.stringify(files) })
    .where('id', '=', runId)
    .execute()
}

export async function finishRun(db: Database, { runId, owner }: Lease, state: RunState): Promise<void> {
  await db
    .updateTable('run')
    .set({ state, finished_at: sql<Date>`clock_timestamp()`, lease_owner: null, lease_until: null })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .where('state', '=', 'running')
    .execute()
}

function leaseEnd() {
  return sql<Date>`clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`
}
