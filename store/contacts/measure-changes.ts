import type { PoolClient } from 'pg'
import { FIELD_TITLES } from '../../model/import-settings.ts'
import type { BatchChanges, SampleChange } from '../../model/run.ts'
import type { MergeRules } from './merge-rules.ts'
import { TEAM } from './planning/planner.ts'
import type { Stage } from './stage.ts'

/** Measures the plan of a merge against the stored contacts. Call before the plan is carried out. */
export async function measureChanges(
  stage: Stage,
  { teamId, staffGiven, customFields, optOutAbsent }: Omit<MergeRules, 'emptyMeans' | 'sharedMobile'>,
): Promise<BatchChanges> {
  const { client } = stage
  // Where the file found no contacts, all that there are came with it.
  const contactsBefore = stage.repeatedMobiles ? 0 : (await numberOfContacts(client, teamId)) - stage.created
  const { rows: news } = await client.query(
    `select count(*)::int as created, count(*) filter (where decided is distinct from 'opted_out')::int as opted_in
    from plan where is_new`,
  )
  const created = news[0].created + stage.created
  const optedIn = news[0].opted_in + stage.created - stage.createdOptedOut
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
  const cleared = new Map<string, BatchChanges['cleared'][string]>()
  const add = (field: string, had: number, lost: number) => {
    const all = had + (stage.had.get(field) ?? 0)
    if (all > 0) cleared.set(field, { had: all, cleared: lost })
  }
  if (staffGiven) add(FIELD_TITLES.staffId, total.staff_had, total.staff_cleared)
  for (const [at, field] of customFields.entries()) add(field, total[`had_${at}`], total[`cleared_${at}`])
  const firstFields = customFields.filter((field) => !cleared.has(field))
  const firstStaff = staffGiven && !cleared.has(FIELD_TITLES.staffId)
  return {
    contactsBefore,
    matched: total.matched + stage.unchanged,
    mobilesChanged: total.mobiles_changed,
    cleared: Object.fromEntries(cleared),
    firstFilled: firstFields.length > 0 || firstStaff ? await firstFilled(client, firstFields, firstStaff) : 0,
    ...(contactsBefore > 0 && created >= FEWEST_CREATED ? await ofKnownNumbers(stage, teamId) : NONE_KNOWN),
    optedInUnasked: optOutAbsent ? optedIn : 0,
  }
}

async function firstFilled(client: PoolClient, fields: readonly string[], staff: boolean): Promise<number> {
  const { rows } = await client.query(
    `select count(*)::int as n from plan
    where changed and not is_new
      and row (first_name, last_name, mobile_number, custom_fields - $1::text[])
        = row ((stored).first_name, (stored).last_name, (stored).mobile_number, (stored).custom_fields - $1::text[])
      and ($2 or staff_id is not distinct from (stored).staff_id)
      and (decided is null or blocked or was_opted_out = (decided = 'opted_out'))`,
    [fields, staff],
  )
  return rows[0].n
}

/** Fewer created contacts are nothing that people could not look through. */
const FEWEST_CREATED = 20
/** So many of them are compared with those that have their number. */
const COMPARED = 20
const NONE_KNOWN: Pick<BatchChanges, 'knownNumbers' | 'lookAlikes'> = { knownNumbers: 0, lookAlikes: [] }

/** Contact IDs without what a spreadsheet takes or adds: case, zeros and apostrophes in front, `.0` behind. */
const asDamaged = (id: string) => `regexp_replace(lower(${id}), '^[''0]+|\\.0+$', '', 'g')`

async function ofKnownNumbers({ client, batchId }: Stage, teamId: number) {
  await client.query('create temp table twin (contact_id text, mobile_number text) on commit drop')
  const { rowCount } = await client.query(
    `insert into twin
      select n.contact_id, n.mobile_number from (
        select contact_id, mobile_number from plan where is_new
        union all select contact_id, mobile_number from contact c where c.team_id = ${TEAM} and c.last_batch_id = $2
      ) n
      where exists (
        select from contact c
        where c.team_id = ${TEAM} and c.mobile_number = n.mobile_number and c.last_batch_id is distinct from $2
      )`,
    [teamId, batchId],
  )
  const { rows: lookAlikes } = await client.query(
    `select distinct on (t.contact_id) t.contact_id as "contactId", c.contact_id as known
    from (select * from twin order by contact_id limit ${COMPARED}) t
      join contact c on c.team_id = ${TEAM} and c.mobile_number = t.mobile_number and c.last_batch_id is distinct from $2
    where ${asDamaged('c.contact_id')} = ${asDamaged('t.contact_id')}
    order by t.contact_id, c.contact_id`,
    [teamId, batchId],
  )
  return { knownNumbers: rowCount ?? 0, lookAlikes }
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
