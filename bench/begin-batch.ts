import { randomUUID } from 'node:crypto'
import type { Database } from '../store/postgres/database.ts'

/** A batch of a run of its own, for a file that is imported next. */
export async function beginBatch(db: Database, teamId: number, name: string): Promise<{ id: string }> {
  const run = await db
    .insertInto('run')
    .values({ team_id: teamId, number: Date.now() % 2 ** 31, trigger: 'on_demand', state: 'imported' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const batch = { id: randomUUID() }
  await db
    .insertInto('batch')
    .values({
      id: batch.id,
      run_id: run.id,
      team_id: teamId,
      ordinal: 0,
      state: 'parsing',
      path: `/${name}`,
      file_name: name,
      bytes: 1,
      settings_version: 1,
    })
    .execute()
  return batch
}
