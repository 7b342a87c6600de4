import type { RecordFault } from '../../model/record.ts'
import { TEAM } from './planner.ts'
import type { Stage } from './stage.ts'

/**
 * Rejects the chosen records that would give a contact a number that another contact has, where the team does not allow
 * that; a contact keeps a number that it has already. Where a record is rejected an earlier one of the same Contact ID may
 * count now, or the contact keeps its old number and blocks another: such records are looked at anew until none is
 * left to reject. A column that slipped by one row takes as many rounds as it has rows, so each looks only at what the one
 * before it touched.
 */
export async function rejectSharedMobiles(stage: Stage, teamId: number): Promise<void> {
  const { client } = stage
  await client.query('create index on winner (mobile_number)')
  let rejected = await rejectAmong(stage, teamId, null)
  if (rejected.length > 0) await client.query('create index on stage (contact_id, line); create index on stage (line)')
  while (rejected.length > 0) rejected = await rejectAmong(stage, teamId, await chooseAnew(stage, teamId, rejected))
}

/** Looks at the chosen records of these Contact IDs, null for all, and answers those that it rejected. */
async function rejectAmong(stage: Stage, teamId: number, contactIds: string[] | null): Promise<Gone[]> {
  const { rows } = await stage.client.query(
    `with shared as (
      select w.line, w.contact_id, w.mobile_number, w.opt_out, w.original, other.contact_id as other
      from winner w
      left join contact own on own.team_id = ${TEAM} and own.contact_id = w.contact_id
      join lateral (
        select o.contact_id from winner o where o.mobile_number = w.mobile_number and o.contact_id <> w.contact_id
        union all
        select c.contact_id from contact c
          where c.team_id = ${TEAM} and c.mobile_number = w.mobile_number and c.contact_id <> w.contact_id
            and not exists (select from winner x where x.contact_id = c.contact_id)
        limit 1
      ) other on true
      where own.mobile_number is distinct from w.mobile_number
        ${contactIds ? 'and w.contact_id = any($2::text[])' : ''}
    ), gone as (delete from stage s using shared where s.line = shared.line)
    select * from shared order by line`,
    contactIds ? [teamId, contactIds] : [teamId],
  )
  stage.staged -= rows.length
  stage.valid -= rows.length
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
  return rows.map(({ contact_id, line }) => ({ contactId: contact_id, line: Number(line) }))
}

/** A chosen record that was rejected: all later ones of its Contact ID were rejected before it. */
interface Gone {
  contactId: string
  line: number
}

/**
 * Chooses again for the Contact IDs whose records were rejected, and answers the Contact IDs for which that can matter: their
 * own, and those of the records that want a number which one of these contacts has now.
 */
async function chooseAnew({ client }: Stage, teamId: number, rejected: readonly Gone[]): Promise<string[]> {
  const contactIds = rejected.map(({ contactId }) => contactId)
  await client.query('delete from winner where contact_id = any($1::text[])', [contactIds])
  await client.query(
    `insert into winner
      select earlier.* from unnest($1::text[], $2::bigint[]) gone (contact_id, line) cross join lateral (
        select * from stage where stage.contact_id = gone.contact_id and stage.line < gone.line
        order by stage.line desc limit 1
      ) earlier`,
    [contactIds, rejected.map(({ line }) => line)],
  )
  const { rows } = await client.query(
    `with taken as materialized (
      select mobile_number from winner where contact_id = any($2::text[])
      union
      select mobile_number from contact c where c.team_id = ${TEAM} and c.contact_id = any($2::text[])
    )
    select contact_id from winner where contact_id = any($2::text[])
    union
    select w.contact_id from taken join winner w on w.mobile_number = taken.mobile_number`,
    [teamId, contactIds],
  )
  return rows.map((row) => row.contact_id)
}

function sharedFault(other: string): RecordFault {
  return {
    code: 'E_MOBILE_SHARED',
    field: 'Mobile Number',
    message: `The mobile number is also the number of Contact ID "${other}"; this team does not allow two contacts to share one.`,
  }
}
