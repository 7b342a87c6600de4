import type { MergeRules } from './merge-rules.ts'
import { TEAM } from './planning/planner.ts'
import type { Stage } from './stage.ts'
import { warnFrom } from './warn-from.ts'

/** Finds the valid records of these Contact IDs in the file, for records that were not staged. */
export type LinesOf = (contactIds: string[]) => Promise<{ contactId: string; line: number }[]>

/** For a batch whose every record is staged. */
export const noLines: LinesOf = async () => []

/**
 * Warns about each record of the file whose contact will share its number, asked of the contacts as they will be and not of
 * the records: an unchanged record begins to share when another contact takes its number. Contacts that share are known
 * by no hash, so that the next import looks at them and warns again. Call when the plan is made.
 */
export async function warnAboutSharedMobiles(
  stage: Stage,
  { teamId }: Pick<MergeRules, 'teamId'>,
  linesOf: LinesOf,
): Promise<void> {
  const { client } = stage
  await client.query('create temp table shared (line bigint, contact_id text, other text) on commit drop')
  await findSharing(stage, teamId)
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

/** The created ones are known by their batch; where the team had no contacts, only numbers that came by twice can be shared. */
const CREATED = `select mobile_number from contact c where c.team_id = ${TEAM} and c.last_batch_id = $2`
const REPEATED = 'select unnest($1::text[])'

/**
 * Finds one partner for each contact that will share its number, among the plan and the contacts beside it: a number of k
 * contacts must not cost k times k pairs. A contact that keeps its number and is known by a hash shared it with none before;
 * a new sharing is found from the number of the other one.
 */
async function findSharing({ client, batchId, created, repeatedMobiles }: Stage, teamId: number): Promise<void> {
  await client.query('create temp table asked (mobile_number text) on commit drop')
  const [ofCreated, values] =
    created === 0 ? ['', []] : repeatedMobiles ? [REPEATED, [repeatedMobiles]] : [CREATED, [teamId, batchId]]
  await client.query(
    `insert into asked
      select mobile_number from plan p
        where p.is_new or p.mobile_number <> (p.stored).mobile_number or (p.stored).record_hash is null
      union ${ofCreated || 'select null where false'}`,
    values,
  )
  await client.query('analyze asked')
  await client.query(
    `insert into shared
      with holder as materialized (
        select line, contact_id, mobile_number from plan
        union all
        select null, c.contact_id, c.mobile_number from asked
          join contact c on c.team_id = ${TEAM} and c.mobile_number = asked.mobile_number and ${UNPLANNED}
      ), several as (
        select mobile_number, min(contact_id) as first from holder group by mobile_number having count(*) > 1
      )
      select line, contact_id,
        case when contact_id = first
          then lead(contact_id) over (partition by mobile_number order by contact_id) else first end
      from holder join several using (mobile_number)`,
    [teamId],
  )
}
