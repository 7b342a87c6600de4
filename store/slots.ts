import { sql } from 'kysely'
import type { Slot } from '../model/daily-windows.ts'
import type { Database } from './database.ts'

/** Makes the slot `waiting` if it has no row yet; answers whether it is still to be run. */
export async function takeSlot(
  db: Database,
  teamId: number,
  slot: Slot & { opensAt: Date; closesAt: Date },
): Promise<boolean> {
  await db
    .insertInto('slot')
    .values({
      team_id: teamId,
      window_name: slot.name,
      local_date: slot.date,
      state: 'waiting',
      opens_at: slot.opensAt,
      closes_at: slot.closesAt,
      run_id: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await db
    .selectFrom('slot')
    .select('state')
    .where('team_id', '=', teamId)
    .where('window_name', '=', slot.name)
    .where('local_date', '=', slot.date)
    .executeTakeFirst()
  return row?.state === 'waiting'
}

/** The run of a slot is queued with this: it is `done`. */
export async function satisfySlot(db: Database, teamId: number, slot: Slot, runId: string): Promise<void> {
  await db
    .updateTable('slot')
    .set({ state: 'done', run_id: runId, updated_at: sql<Date>`now()` })
    .where('team_id', '=', teamId)
    .where('window_name', '=', slot.name)
    .where('local_date', '=', slot.date)
    .where('state', '=', 'waiting')
    .execute()
}
