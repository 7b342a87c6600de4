import type { PoolClient } from 'pg'

/** For how long a batch can be undone. */
export const UNDO_DAYS = 30

/**
 * Keeps what contacts hold before a batch changes them. `changed` is the query of their Contact IDs. Whoever opts out
 * between this and the change is protected by the undo itself, which leaves such contacts alone.
 */
export async function keepBefore(client: PoolClient, batchId: string, teamId: number, changed: string): Promise<void> {
  await client.query(
    `insert into contact_before (team_id, batch_id, contact_id, first_name, last_name, mobile_number, staff_id,
      custom_fields, opted_out, opt_out_source, opt_out_changed_at, last_batch_id)
    select $1, $2, c.contact_id, c.first_name, c.last_name, c.mobile_number, c.staff_id,
      c.custom_fields, c.opted_out, c.opt_out_source, c.opt_out_changed_at, c.last_batch_id
    from (${changed}) changed join contact c on c.team_id = $1 and c.contact_id = changed.contact_id
    -- What it created itself was not there before.
    where c.last_batch_id is distinct from $2`,
    [teamId, batchId],
  )
}
