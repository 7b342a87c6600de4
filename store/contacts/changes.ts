import type { PoolClient } from 'pg'
import type { BatchChanges } from '../../model/run.ts'
import type { MergeRules } from './merge.ts'

/** Measures the plan of a merge against the stored contacts. To be called before the plan is carried out. */
export async function measureChanges(
  client: PoolClient,
  { teamId, staffGiven, customFields }: Pick<MergeRules, 'teamId' | 'staffGiven' | 'customFields'>,
): Promise<BatchChanges> {
  const { rows: totals } = await client.query(
    `select (select count(*) from contact where team_id = $1)::int as contacts_before,
      count(*)::int as matched,
      count(*) filter (where c.mobile_number <> p.mobile_number)::int as mobiles_changed,
      count(*) filter (where c.staff_id is not null)::int as staff_had,
      count(*) filter (where c.staff_id is not null and p.staff_id is null)::int as staff_cleared
    from plan p join contact c on c.team_id = $1 and c.contact_id = p.contact_id`,
    [teamId],
  )
  const { rows: fields } = await client.query(
    `select field, count(*)::int as had, count(*) filter (where not p.custom_fields ? field)::int as cleared
    from plan p join contact c on c.team_id = $1 and c.contact_id = p.contact_id
      join unnest($2::text[]) field on c.custom_fields ? field
    group by field`,
    [teamId, customFields],
  )
  const [total] = totals
  const cleared: BatchChanges['cleared'] = {}
  if (staffGiven) cleared['Staff ID'] = { had: total.staff_had, cleared: total.staff_cleared }
  for (const { field, had, cleared: lost } of fields) cleared[field] = { had, cleared: lost }
  return {
    contactsBefore: total.contacts_before,
    matched: total.matched,
    mobilesChanged: total.mobiles_changed,
    cleared,
  }
}
