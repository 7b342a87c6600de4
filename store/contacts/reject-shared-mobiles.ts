import type { RecordFault } from '../../model/record.ts'
import { TEAM } from './planning/planner.ts'
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
  await client.query(`
    create temp table claim (contact_id text, mobile_number text) on commit drop;
    create temp table kept (mobile_number text primary key, contact_id text) on commit drop;
    create temp table asked_for (mobile_number text primary key) on commit drop`)
  await claim(stage, teamId, null)
  await client.query('create index on claim (contact_id); create index on claim (mobile_number)')
  await client.query('analyze claim, kept')
  let rejected = await rejectAmong(stage, null)
  if (rejected.length > 0) await client.query('create index on stage (contact_id, line); create index on stage (line)')
  while (rejected.length > 0) rejected = await rejectAmong(stage, await chooseAnew(stage, teamId, rejected))
}

/**
 * Notes which of these contacts, null for all, would get a number that they do not have, since only such a record can be
 * rejected, and who keeps one of these numbers: each number is looked up once.
 */
async function claim({ client }: Stage, teamId: number, contactIds: string[] | null): Promise<void> {
  const { rows } = await client.query(
    `with claimed as (
      insert into claim
        select w.contact_id, w.mobile_number from winner w
          left join contact own on own.team_id = ${TEAM} and own.contact_id = w.contact_id
        where own.mobile_number is distinct from w.mobile_number
          ${contactIds ? 'and w.contact_id = any($2::text[])' : ''}
        returning mobile_number
    ), asked as (
      insert into asked_for select distinct mobile_number from claimed on conflict do nothing returning mobile_number
    )
    select mobile_number from asked ${contactIds ? '' : 'limit 1'}`,
    contactIds ? [teamId, contactIds] : [teamId],
  )
  if (rows.length === 0) return
  // At first they may be as many as the file has records; then each round brings a few.
  const asked = contactIds ? 'unnest($2::text[]) asked (mobile_number)' : 'asked_for asked'
  await client.query(
    keep(`${asked} join contact c on c.mobile_number = asked.mobile_number`),
    contactIds ? [teamId, rows.map((row) => row.mobile_number)] : [teamId],
  )
}

/** A contact without a chosen record, or with one that says so, keeps its number for good; one for each number is enough. */
function keep(contacts: string, only = ''): string {
  return `insert into kept
    select c.mobile_number, c.contact_id from ${contacts} left join winner on winner.contact_id = c.contact_id
    where c.team_id = ${TEAM} and (winner.contact_id is null or winner.mobile_number = c.mobile_number)${only}
    on conflict do nothing`
}

/** Looks at the chosen records of these Contact IDs, null for all, and answers those that it rejected. */
async function rejectAmong(stage: Stage, contactIds: string[] | null): Promise<Gone[]> {
  const { rows } = await stage.client.query(
    `with claimed as (
      select contact_id, mobile_number, min(contact_id) over (partition by mobile_number) as first,
        lead(contact_id) over (partition by mobile_number order by contact_id) as next
      from claim ${contactIds ? 'where contact_id = any($1::text[])' : ''}
    ), shared as (
      select w.line, w.contact_id, w.opt_out, w.original, other
      from claimed join winner w using (contact_id) left join kept on kept.mobile_number = claimed.mobile_number
        cross join lateral coalesce(nullif(first, w.contact_id), next, kept.contact_id) other
      where other is not null
    ), gone as (delete from stage s using shared where s.line = shared.line)
    select * from shared order by line`,
    contactIds ? [contactIds] : [],
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
async function chooseAnew(stage: Stage, teamId: number, rejected: readonly Gone[]): Promise<string[]> {
  const { client } = stage
  const contactIds = rejected.map(({ contactId }) => contactId)
  for (const table of ['winner', 'claim'])
    await client.query(`delete from ${table} where contact_id = any($1::text[])`, [contactIds])
  await client.query(
    `insert into winner
      select earlier.* from unnest($1::text[], $2::bigint[]) gone (contact_id, line) cross join lateral (
        select * from stage where stage.contact_id = gone.contact_id and stage.line < gone.line
        order by stage.line desc limit 1
      ) earlier`,
    [contactIds, rejected.map(({ line }) => line)],
  )
  await client.query(keep('contact c', ' and c.contact_id = any($2::text[])'), [teamId, contactIds])
  await claim(stage, teamId, contactIds)
  const { rows } = await client.query(
    `with taken as materialized (
      select mobile_number from winner where contact_id = any($2::text[])
      union
      select mobile_number from contact c where c.team_id = ${TEAM} and c.contact_id = any($2::text[])
    )
    select contact_id from claim where contact_id = any($2::text[])
    union
    select claim.contact_id from taken join claim on claim.mobile_number = taken.mobile_number`,
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
