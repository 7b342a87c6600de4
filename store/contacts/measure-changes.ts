import type { PoolClient } from 'pg'
import { FIELD_TITLES } from '../../model/import-settings.ts'
import type { BatchChanges, SampleChange } from '../../model/run.ts'
import type { MergeRules } from './merge-rules.ts'
import type { Stage } from './stage.ts'

/** Measures the plan of a merge against the stored contacts. To be called before the plan is carried out. */
export async function measureChanges(
  stage: Stage,
  { teamId, staffGiven, customFields }: Pick<MergeRules, 'teamId' | 'staffGiven' | 'customFields'>,
): Promise<BatchChanges> {
  const { client } = stage
  // Where the file found no contacts, all that there are came with it.
  const contactsBefore = stage.repeatedMobiles ? 0 : (await numberOfContacts(client, teamId)) - stage.created
  const { rows } = await client.query(
    `select count(*)::int as matched,
      count(*) filter (where (stored).mobile_number <> mobile_number)::int as mobiles_changed,
      count((stored).staff_id)::int as staff_had,
      count((stored).staff_id) filter (where staff_id is null)::int as staff_cleared
      ${customFields
        .map(
          (_, at) => `, count(*) filter (where (stored).custom_fields ? $${at + 1})::int as had_${at},
            count(*) filter (where (stored).custom_fields ? $${at + 1} and not custom_fields ? $${at + 1})::int as cleared_${at}`,
        )
        .join('')}
    from plan where not is_new`,
    [...customFields],
  )
  const [total] = rows
  // What was passed over as unchanged had its values and keeps them.
  const cleared: BatchChanges['cleared'] = {}
  const add = (field: string, had: number, lost: number) => {
    const all = had + (stage.had[field] ?? 0)
    if (all > 0) cleared[field] = { had: all, cleared: lost }
  }
  if (staffGiven) add(FIELD_TITLES.staffId, total.staff_had, total.staff_cleared)
  for (const [at, field] of customFields.entries()) add(field, total[`had_${at}`], total[`cleared_${at}`])
  return {
    contactsBefore,
    matched: total.matched + stage.unchanged,
    mobilesChanged: total.mobiles_changed,
    cleared,
  }
}

async function numberOfContacts(client: PoolClient, teamId: number): Promise<number> {
  const { rows } = await client.query('select count(*)::int as n from contact where team_id = $1', [teamId])
  return rows[0].n
}

/** How many changed contacts people are shown. */
const SAMPLES = 20

const PREFERENCES = { true: 'opted_out', false: 'opted_in' }

/** The first contacts, in the order of the file, that the plan changes, with their old and new values. */
export async function sampleChanges(client: PoolClient): Promise<SampleChange[]> {
  const { rows } = await client.query(
    `select line, contact_id, to_jsonb(p) - 'stored' as after, to_jsonb(stored) as before,
      case when decided is null or blocked then was_opted_out else decided = 'opted_out' end as opted_out
    from plan p where changed and not is_new order by line limit ${SAMPLES}`,
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
