import type { RecordFault } from '../../model/record.ts'
import type { Stage } from './stage.ts'

/**
 * Rejects the chosen records that would give a contact a number that another contact has, where the team does not allow
 * that; a contact keeps a number that it has already. Answers how many were rejected: an earlier record of the same
 * Contact ID may be the one that counts now, and a contact that keeps its old number may stand in another's way, so the
 * caller chooses anew until nothing is left to reject.
 */
export async function rejectSharedMobiles(stage: Stage, teamId: number): Promise<number> {
  const { rows } = await stage.client.query(
    `with shared as (
      select w.line, w.contact_id, w.mobile_number, w.opt_out, w.original, other.contact_id as other
      from winner w
      left join contact own on own.team_id = $1 and own.contact_id = w.contact_id
      join lateral (
        select o.contact_id from winner o where o.mobile_number = w.mobile_number and o.contact_id <> w.contact_id
        union all
        select c.contact_id from contact c
          where c.team_id = $1 and c.mobile_number = w.mobile_number and c.contact_id <> w.contact_id
            and not exists (select from winner x where x.contact_id = c.contact_id)
        limit 1
      ) other on true
      where own.mobile_number is distinct from w.mobile_number
    ), gone as (delete from stage s using shared where s.line = shared.line)
    select * from shared order by line`,
    [teamId],
  )
  if (rows.length === 0) return 0
  stage.staged -= rows.length
  await stage.reject(
    rows.map((row) => ({
      line: Number(row.line),
      contactId: row.contact_id,
      errors: [sharedFault(row.other)],
      values: row.original,
    })),
    rows
      .filter((row) => row.opt_out !== null)
      .map((row) => ({ line: Number(row.line), contactId: row.contact_id, state: row.opt_out })),
  )
  return rows.length
}

function sharedFault(other: string): RecordFault {
  return {
    code: 'E_MOBILE_SHARED',
    field: 'Mobile Number',
    message: `The mobile number is also the number of Contact ID "${other}"; this team does not allow two contacts to share one.`,
  }
}
