import type { Pause } from '../model/pauses.ts'
import type { Database } from './postgres/database.ts'

/** The pause whose beginning people were told of, and whose end they were not. */
export async function pauseTold(db: Database, teamId: number, { lock = false } = {}): Promise<Pause | null> {
  const team = await db
    .selectFrom('team')
    .select('pause_told')
    .where('id', '=', teamId)
    .$if(lock, (row) => row.forUpdate())
    .executeTakeFirst()
  return team?.pause_told ?? null
}

export async function setPauseTold(tx: Database, teamId: number, pause: Pause | null): Promise<void> {
  await tx
    .updateTable('team')
    .set({ pause_told: pause && JSON.stringify(pause) })
    .where('id', '=', teamId)
    .execute()
}
