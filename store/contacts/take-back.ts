import { FIELD_TITLES } from '../../model/import-settings.ts'
import { copyInto } from '../postgres/copy.ts'
import { copyLine } from '../postgres/copy-text.ts'
import { TEAM } from './planning/planner.ts'
import type { Stage } from './stage.ts'

/** A Contact ID that occurs more than once, with the hash of its first record; null if that was rejected. */
export interface Repeated {
  contactId: string
  firstHash: string | null
}

/**
 * Undoes all work on Contact IDs that occur again later in the file, as if none of their records had been read:
 * what was staged and what was created is taken back, what was passed over as unchanged is not counted any more. All
 * records of these IDs are to be staged next; they are counted as valid already.
 */
export async function takeBack(stage: Stage, teamId: number, repeated: Iterable<Repeated>): Promise<void> {
  const { client } = stage
  await client.query('create temp table repeated (contact_id text primary key, first_hash bigint) on commit drop')
  await copyInto(client, 'copy repeated from stdin', lines(repeated))
  await client.query('analyze repeated')
  if (!stage.dryRun) await takeBackCreated(stage, teamId)
  const { rows: staged } = await client.query(
    `with gone as (
      delete from stage s using repeated r where s.contact_id = r.contact_id returning s.contact_id
    ), known as (
      delete from repeated r where r.first_hash is null or exists (select from gone g where g.contact_id = r.contact_id)
    )
    select count(*)::int as n from gone`,
  )
  stage.staged -= staged[0].n
  const { rows: had } = await client.query(
    `select field, count(*)::int as n
    from repeated r join contact c on c.team_id = ${TEAM} and c.contact_id = r.contact_id and c.record_hash = r.first_hash
      join unnest($2::text[]) field
        on case when field = $3 then c.staff_id is not null else c.custom_fields ? field end
    group by field`,
    [teamId, [...stage.had.keys()], FIELD_TITLES.staffId],
  )
  for (const { field, n } of had) stage.had.set(field, (stage.had.get(field) ?? 0) - n)
  await client.query('drop table repeated')
}

async function takeBackCreated(stage: Stage, teamId: number): Promise<void> {
  const { rows } = await stage.client.query(
    `with gone as (
      delete from contact c using repeated r
      where c.team_id = ${TEAM} and c.contact_id = r.contact_id and c.last_batch_id = $2
      returning c.contact_id, c.opted_out, c.staff_id
    ), strangers as (
      select contact_id from gone where staff_id is not null
        and not exists (select from team_user u where u.team_id = $1 and lower(u.staff_id) = lower(gone.staff_id))
    ), unsaid as (
      delete from record_warning w using strangers s
      where w.batch_id = $2 and w.code = 'W_STAFF_UNKNOWN' and w.contact_id = s.contact_id
    )
    select count(*)::int as created, count(*) filter (where opted_out)::int as opted_out,
      (select count(*) from strangers)::int as strangers
    from gone`,
    [teamId, stage.batchId],
  )
  stage.created -= rows[0].created
  stage.createdOptedOut -= rows[0].opted_out
  stage.count('W_STAFF_UNKNOWN', -rows[0].strangers)
}

function* lines(repeated: Iterable<Repeated>): Generator<string> {
  for (const { contactId, firstHash } of repeated) yield copyLine([contactId, firstHash])
}
