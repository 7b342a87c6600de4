import type { PoolClient } from 'pg'
import type { MergeRules } from './merge-rules.ts'
import { TEAM } from './planner.ts'
import type { Stage } from './stage.ts'
import { warnFrom } from './warn-from.ts'

/** Finds the valid records of these Contact IDs in the file, for records that were not staged. */
export type LinesOf = (contactIds: string[]) => Promise<{ contactId: string; line: number }[]>

/** For a batch whose every record is staged. */
export const noLines: LinesOf = async () => []

/**
 * Warns about each record of the file whose contact will share its number, asked of the contacts as they will be and not of
 * the records: an unchanged record begins to share when another contact takes its number. Contacts that share are known
 * by no hash, so that the next import looks at them and warns again. To be called when the plan is made.
 */
export async function warnAboutSharedMobiles(
  stage: Stage,
  { teamId }: Pick<MergeRules, 'teamId'>,
  linesOf: LinesOf,
): Promise<void> {
  const { client } = stage
  await client.query('create temp table shared (line bigint, contact_id text, other text) on commit drop')
  await findSharing(client, teamId)
  if (stage.created > 0) await findSharingNew(stage, teamId)
  if (stage.created > 0 || stage.unchanged > 0) {
    const { rows } = await client.query('select contact_id from shared where line is null')
    const lines = rows.length > 0 ? await linesOf(rows.map((row) => row.contact_id)) : []
    await client.query(
      `update shared set line = found.line from unnest($1::text[], $2::bigint[]) found (contact_id, line)
      where shared.contact_id = found.contact_id`,
      [lines.map(({ contactId }) => contactId), lines.map(({ line }) => line)],
    )
  }
  if (!stage.dryRun)
    await client.query(
      `update contact c set record_hash = null from shared s
      where c.team_id = ${TEAM} and c.contact_id = s.contact_id and c.record_hash is not null`,
      [teamId],
    )
  await client.query('update plan set hash = null from shared where shared.contact_id = plan.contact_id')
  await warnFrom(
    stage,
    'W_MOBILE_SHARED',
    `select line, contact_id,
      format('The mobile number of this record is also the number of Contact ID "%s".', other) as message
    from shared where line is not null`,
    [],
  )
}

/** A contact that is not in the plan keeps the number that it has. */
const UNPLANNED = 'not exists (select from winner x where x.contact_id = c.contact_id)'

/**
 * Of the plan and of the contacts beside it. A contact that keeps its number and is known by a hash shared it with none
 * before; a new sharing is found from the other side.
 */
async function findSharing(client: PoolClient, teamId: number): Promise<void> {
  await client.query(
    `insert into shared
      with beside as materialized (
        select p.line, p.contact_id, c.contact_id as other
        from plan p join contact c
          on c.team_id = ${TEAM} and c.mobile_number = p.mobile_number and c.contact_id <> p.contact_id and ${UNPLANNED}
        where p.is_new or p.mobile_number <> (p.stored).mobile_number or (p.stored).record_hash is null
      )
      select distinct on (contact_id) line, contact_id, other from (
        select p.line, p.contact_id, o.contact_id as other
          from plan p join plan o on o.mobile_number = p.mobile_number and o.contact_id <> p.contact_id
        union all select line, contact_id, other from beside
        union all select null, other, contact_id from beside
      ) pair
      order by contact_id, other`,
    [teamId],
  )
}

/** Of the contacts that this batch has created, and of those with which they share. */
async function findSharingNew({ client, batchId, repeatedMobiles }: Stage, teamId: number): Promise<void> {
  const add = (pairs: string, values: unknown[]) =>
    client.query(
      `insert into shared
        select distinct on (contact_id) null::bigint, contact_id, other from (${pairs}) pair
        where not exists (select from shared s where s.contact_id = pair.contact_id)
        order by contact_id, other`,
      values,
    )
  // Where the team had no contacts, only numbers that came by more than once can be shared.
  if (repeatedMobiles)
    await add(
      `with owner as materialized (
        select c.contact_id, c.mobile_number from unnest($2::text[]) repeated (mobile_number)
          join contact c on c.team_id = ${TEAM} and c.mobile_number = repeated.mobile_number and ${UNPLANNED}
      )
      select o.contact_id, b.contact_id as other
      from owner o join owner b on b.mobile_number = o.mobile_number and b.contact_id <> o.contact_id`,
      [teamId, repeatedMobiles],
    )
  else {
    // With an index on their numbers, too: they are looked up from whichever side seems to be the smaller one.
    await client.query('create temp table created (contact_id text, mobile_number text) on commit drop')
    await client.query(
      `insert into created
        select contact_id, mobile_number from contact c where c.team_id = ${TEAM} and c.last_batch_id = $2`,
      [teamId, batchId],
    )
    await client.query('create index on created (mobile_number); analyze created (mobile_number)')
    await add(
      `select pair.* from created n
        join contact c on c.team_id = ${TEAM} and c.mobile_number = n.mobile_number and c.contact_id <> n.contact_id
          and ${UNPLANNED}
        cross join lateral (values (n.contact_id, c.contact_id), (c.contact_id, n.contact_id)) pair (contact_id, other)`,
      [teamId],
    )
  }
}
