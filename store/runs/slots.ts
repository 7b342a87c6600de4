import { type SqlBool, sql } from 'kysely'
import type { Slot, SlotState } from '../../model/daily-windows.ts'
import type { BatchState } from '../../model/run.ts'
import type { Database } from '../postgres/database.ts'
import type { SlotRow } from '../postgres/tables.ts'

/** A slot with the instants between which its runs may start. */
export interface TimedSlot extends Slot {
  opensAt: Date
  closesAt: Date
}

/** The slots of a team that still wait, and those of any state from `since` (a local date) on. */
export async function recentSlots(db: Database, teamId: number, since: string): Promise<SlotRow[]> {
  return db
    .selectFrom('slot')
    .selectAll()
    .where('team_id', '=', teamId)
    .where((eb) => eb.or([eb('state', '=', 'waiting'), eb('local_date', '>=', since)]))
    .orderBy('opens_at')
    .execute()
}

/** Enters slots that have no row yet; answers those that were entered by this call. */
export async function addSlots(
  db: Database,
  teamId: number,
  state: 'waiting' | 'missed',
  slots: readonly TimedSlot[],
): Promise<Slot[]> {
  if (slots.length === 0) return []
  const rows = await db
    .insertInto('slot')
    .values(
      slots.map(({ name, date, opensAt, closesAt }) => ({
        team_id: teamId,
        window_name: name,
        local_date: date,
        state,
        opens_at: opensAt,
        closes_at: closesAt,
        run_id: null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['window_name', 'local_date'])
    .execute()
  return rows.map(({ window_name, local_date }) => ({ name: window_name, date: local_date }))
}

/** Takes back a slot in which nothing has happened: one that was never opened, missed or empty. */
export async function dropSlot(db: Database, teamId: number, slot: Slot): Promise<void> {
  await db
    .deleteFrom('slot')
    .where(is(teamId, slot))
    .where((eb) =>
      eb.or([
        eb('state', 'in', ['missed', 'empty']),
        eb.and([eb('state', '=', 'waiting'), eb('opened_at', 'is', null)]),
      ]),
    )
    .execute()
}

/** The open window is being watched. */
export async function openSlot(db: Database, teamId: number, slot: Slot): Promise<void> {
  await db
    .updateTable('slot')
    .set({ opened_at: sql<Date>`coalesce(opened_at, clock_timestamp())`, updated_at: sql<Date>`clock_timestamp()` })
    .where(is(teamId, slot))
    .execute()
}

/** Notes the run that blocks it, if one does. */
export async function blockSlot(db: Database, teamId: number, slot: Slot, runId: string | null): Promise<void> {
  await db.updateTable('slot').set({ blocked_by: runId }).where(is(teamId, slot)).execute()
}

/** Ends a waiting slot; answers whether this call did it. */
export async function endSlot(
  db: Database,
  teamId: number,
  slot: Slot,
  state: Exclude<SlotState, 'waiting'>,
  runId: string | null = null,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('slot')
    .set({ state, run_id: runId, updated_at: sql<Date>`clock_timestamp()` })
    .where(is(teamId, slot))
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export interface SlotRuns {
  runs: number
  /** The last of them. */
  lastRunId: string | null
  going: boolean
  imported: boolean
  /** Uploads that were tried, with any outcome. */
  tried: string[]
}

/** Also what was undone afterwards: the window has had its file. */
const IMPORTED: readonly BatchState[] = ['imported', 'imported_with_errors', 'undone']

export async function runsOfSlot(db: Database, teamId: number, { name, date }: Slot): Promise<SlotRuns> {
  const rows = await db
    .selectFrom('run')
    .leftJoin('batch', 'batch.run_id', 'run.id')
    .select(['run.id', 'run.state', 'batch.upload_id', 'batch.state as batch_state'])
    .where('run.team_id', '=', teamId)
    .where('window_name', '=', name)
    .where('window_date', '=', date)
    .orderBy('run.number')
    .execute()
  return {
    runs: new Set(rows.map(({ id }) => id)).size,
    lastRunId: rows.at(-1)?.id ?? null,
    going: rows.some(({ state }) => state === 'queued' || state === 'running'),
    imported: rows.some(({ batch_state }) => batch_state !== null && IMPORTED.includes(batch_state)),
    tried: rows.flatMap(({ upload_id }) => (upload_id ? [upload_id] : [])),
  }
}

function is(teamId: number, { name, date }: Slot) {
  return sql<SqlBool>`team_id = ${teamId} and window_name = ${name} and local_date = ${date}`
}
