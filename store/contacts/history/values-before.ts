import type { PoolClient } from 'pg'
import { CONTACT_VALUES } from '../contact-columns.ts'

/** For how long a batch can be undone. */
export const UNDO_DAYS = 30

/**
 * Keeps what contacts hold before a batch changes them. `stored` is the query of those contacts as they are, of all columns
 * of their table. The undo itself protects an opt-out between this and the change: it leaves such contacts
 * alone.
 */
export async function keepBefore(client: PoolClient, batchId: string, teamId: number, stored: string): Promise<void> {
  await client.query(
    `insert into contact_before (team_id, batch_id, contact_id, ${CONTACT_VALUES},
      opted_out, opt_out_source, opt_out_changed_at, last_batch_id)
    select $1::integer, $2, contact_id, ${CONTACT_VALUES},
      opted_out, opt_out_source, opt_out_changed_at, last_batch_id
    from (${stored}) stored
    -- What it created itself was not there before.
    where last_batch_id is distinct from $2`,
    [teamId, batchId],
  )
}
