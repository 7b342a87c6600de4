import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { wantBatchResult } from '../../store/written/due-files.ts'
import { type Happened, queueBatchEvent } from './webhook-events.ts'

/** Queues the event and the result of a batch, in the transaction in which it becomes what they tell. */
export async function tellBatch(
  tx: Database,
  team: Team,
  batchId: string,
  happened: Happened = 'ended',
): Promise<void> {
  await queueBatchEvent(tx, team, batchId, happened)
  // What was approved is told by the batch that imports it.
  if (happened !== 'approved') await wantBatchResult(tx, team.id, batchId)
}
