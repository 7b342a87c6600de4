import type { Database } from '../postgres/database.ts'
import type { UndoRequest } from '../postgres/tables.ts'
import { type Lease, LeaseLost } from './runs.ts'

/**
 * Queues the undo of this batch for the process that claims its run next. Call while no run of the team can begin (`holdRuns`).
 */
export async function requestUndo(
  tx: Database,
  { id, run_id }: { id: string; run_id: string },
  request: Omit<UndoRequest, 'failed'>,
): Promise<void> {
  await tx
    .updateTable('batch')
    .set({ undo_request: JSON.stringify({ ...request, failed: false }) })
    .where('id', '=', id)
    .execute()
  await tx
    .updateTable('run')
    .set({ undoing: id, lease_owner: null, lease_until: null })
    .where('id', '=', run_id)
    .execute()
}

/**
 * Ends an undo in the transaction that did it, or gave it up. The lease is proven as by `holdLease`; it is ours for a moment
 * longer, so that its renewal does not take it for lost (`dropLease`).
 */
export async function endUndo(tx: Database, { runId, owner }: Lease): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('run')
    .set({ undoing: null })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .where('undoing', 'is not', null)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new LeaseLost(`the undo of run ${runId} is no longer ours`)
}

/** Of an undo that has ended. */
export async function dropLease(db: Database, { runId, owner }: Lease): Promise<void> {
  await db
    .updateTable('run')
    .set({ lease_owner: null, lease_until: null })
    .where('id', '=', runId)
    .where('lease_owner', '=', owner)
    .where('undoing', 'is', null)
    .execute()
}
