import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'

/** Of the rejected records of a team so many bytes are stored: ten files at the limit of one. */
export const KEPT_ERRORS_OF_TEAM = 1_000_000_000

/**
 * Deletes the stored rejected records of a team's oldest batches beyond the limit. They are on the same disk as the files of
 * everybody, and no quota counts them. The counts of the batches stay.
 */
export async function keepNewestErrors(tx: Database, teamId: number, most = KEPT_ERRORS_OF_TEAM): Promise<void> {
  await sql`
    with storing as (
      select id, sum(coalesce(errors_bytes, bytes)) over (order by finished_at desc, id) as bytes
      from batch where team_id = ${teamId} and rejected > 0 and errors_kept is distinct from 0
    ), oldest as (
      update batch set errors_kept = 0, errors_bytes = 0
      from storing where batch.id = storing.id and storing.bytes > ${most}
      returning batch.id
    )
    delete from record_error using oldest where batch_id = oldest.id`.execute(tx)
}
