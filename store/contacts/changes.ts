import type { PoolClient } from 'pg'
import { FIELD_TITLES } from '../../model/import-settings.ts'
import type { BatchChanges, SampleChange } from '../../model/run.ts'
import type { MergeRules } from './merge.ts'
import type { Stage } from './stage.ts'

/** Measures the plan of a merge against the stored contacts. To be called before the plan is carried out. */
export async function measureChanges(
  stage: Stage,
  { teamId, staffGiven, customFields }: Pick<MergeRules, 'teamId' | 'staffGiven' | 'customFields'>,
): Promise<BatchChanges> {
  const { client } = stage
  const { rows: totals } = await client.query(
    `select (select count(*) from contact where team_id = $1)::int as contacts,
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
  // What was passed over as unchanged had its values and keeps them.
  const cleared: BatchChanges['cleared'] = {}
  for (const field of customFields) if (stage.had[field]) cleared[field] = { had: stage.had[field], cleared: 0 }
  if (staffGiven)
    cleared[FIELD_TITLES.staffId] = {
      had: total.staff_had + (stage.had[FIELD_TITLES.staffId] ?? 0),
      cleared: total.staff_cleared,
    }
  for (const { field, had, cleared: lost } of fields)
    cleared[field] = { had: had + (cleared[field]?.had ?? 0), cleared: lost }
  return {
    contactsBefore: total.contacts - stage.created,
    matched: total.matched + stage.unchanged,
    mobilesChanged: total.mobiles_changed,
    cleared,
  }
}

/** How many changed contacts people are shown. */
const SAMPLES = 20

const PREFERENCES = { true: 'opted_out', false: 'opted_in' }

/** The first contacts, in the order of the file, that the plan changes, with their old and new values. */
export async function sampleChanges(client: PoolClient, teamId: number): Promise<SampleChange[]> {
  const { rows } = await client.query(
    `select p.line, p.contact_id, to_jsonb(p) as after, to_jsonb(c) as before,
      case when p.decided is null or p.blocked then c.opted_out else p.decided = 'opted_out' end as opted_out
    from (select * from plan where changed and not is_new order by line limit ${SAMPLES}) p
      join contact c on c.team_id = $1 and c.contact_id = p.contact_id
    order by p.line`,
    [teamId],
  )
  return rows.map(({ line, contact_id, before, after, opted_out }) => {
    const fields: SampleChange['fields'] = []
    const compare = (field: string, old: string | null, next: string | null) => {
      if (old !== next) fields.push({ field, before: old, after: next })
    }
    compare(FIELD_TITLES.firstName, before.first_name, after.first_name)
    compare(FIELD_TITLES.lastName, before.last_name, after.last_name)
    compare(FIELD_TITLES.mobileNumber, before.mobile_number, after.mobile_number)
    compare(FIELD_TITLES.staffId, before.staff_id, after.staff_id)
    const names = new Set([...Object.keys(before.custom_fields), ...Object.keys(after.custom_fields)])
    for (const name of names) compare(name, before.custom_fields[name] ?? null, after.custom_fields[name] ?? null)
    compare('Opt-out preference', PREFERENCES[`${before.opted_out as boolean}`], PREFERENCES[`${opted_out as boolean}`])
    return { line: Number(line), contactId: contact_id, fields }
  })
}
