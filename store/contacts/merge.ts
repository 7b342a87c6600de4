import type { PoolClient } from 'pg'
import type { BatchChanges, BatchCounts, SampleChange } from '../../model/run.ts'
import { CONTACT_VALUES, contactValuesFrom, contactValuesOf } from './contact-columns.ts'
import { keepBefore } from './history/values-before.ts'
import { measureChanges, sampleChanges } from './measure-changes.ts'
import type { MergeRules } from './merge-rules.ts'
import { TEAM } from './planning/planner.ts'
import { rejectSharedMobiles } from './reject-shared-mobiles.ts'
import { type LinesOf, noLines, warnAboutSharedMobiles } from './shared-mobiles.ts'
import { staffUnknownSql } from './staff-unknown.ts'
import type { Stage } from './stage.ts'
import { keepLostNumbers, obeyLateStops, obeyStoppedNumbers } from './stopped-numbers.ts'
import { warnFrom } from './warn-from.ts'

export interface Merged {
  counts: BatchCounts
  changes: BatchChanges
  samples: SampleChange[]
}

/**
 * Applies everything that is staged, in the transaction of the stage. The last valid record of a Contact ID wins; an
 * opt-out by the person or an administrator is never lifted, also when it is stored while this runs: the update decides
 * on the contact as it then is. `linesOf` finds records that were not staged.
 */
export async function mergeStaged(stage: Stage, rules: MergeRules, linesOf: LinesOf = noLines): Promise<Merged> {
  const { client } = stage
  await client.query('analyze stage (contact_id)')
  await chooseWinners(client)
  if (rules.sharedMobile === 'reject') await rejectSharedMobiles(stage, rules.teamId)
  await decidePreferences(client)
  await plan(client, rules)
  await obeyStoppedNumbers(stage, rules.teamId, linesOf)
  await warnAboutRecords(stage, rules)
  await warnAboutSharedMobiles(stage, rules, linesOf)
  const changes = await measureChanges(stage, rules)
  const samples = await sampleChanges(client)
  const applied = stage.dryRun ? await foresee(client, rules) : await apply(client, stage.batchId, rules)
  const winners = await number(client, 'select count(*) as n from winner')
  const superseded = stage.staged - winners
  const created = applied.created + stage.created
  const { updated, optedOut, optedIn } = applied
  const counts = {
    records: stage.valid + stage.rejected,
    created,
    updated,
    unchanged: stage.valid - superseded - created - updated,
    rejected: stage.rejected,
    superseded,
    optedOut: optedOut + stage.createdOptedOut,
    optedIn,
  }
  return { counts, changes, samples }
}

async function chooseWinners(client: PoolClient): Promise<void> {
  await client.query(`
    create temp table winner on commit drop as
      select distinct on (contact_id) * from stage order by contact_id, line desc`)
  await client.query('create index on winner (contact_id)')
  await client.query('analyze winner (contact_id, mobile_number)')
}

/**
 * Of the explicit preferences of a Contact ID the last one counts, in valid records either way, in rejected ones only an
 * opt-out: a wrong number must not cost a person the word that they want no messages.
 */
async function decidePreferences(client: PoolClient): Promise<void> {
  await client.query(`
    create temp table preference on commit drop as
      select distinct on (contact_id) contact_id, line, state, from_rejected from (
        select contact_id, line, opt_out as state, false as from_rejected from stage where opt_out is not null
        union all
        select contact_id, line, state, true from stage_preference where state = 'opted_out'
      ) said order by contact_id, line desc`)
  await client.query('create index on preference (contact_id)')
  await client.query('analyze preference (contact_id, from_rejected)')
}

/**
 * Sets each winner beside the stored contact: what it will hold, and whether that is new or changed. `stored` keeps the
 * contact as it was, so that later steps need not look it up again.
 */
async function plan(
  client: PoolClient,
  { teamId, staffGiven, customFields, emptyMeans, optOutAbsent }: MergeRules,
): Promise<void> {
  await client.query(
    `create temp table plan (
      line bigint, contact_id text, first_name text, last_name text, mobile_number text, staff_id text,
      custom_fields jsonb, decided text, from_rejected boolean, is_new boolean, was_opted_out boolean,
      blocked boolean, changed boolean, hash bigint, stored contact, renumbered boolean, stopped_by text
    ) on commit drop`,
  )
  await client.query(
    `insert into plan
      select line, contact_id, ${CONTACT_VALUES}, decided, from_rejected,
        is_new, was_opted_out, blocked,
        is_new or was is distinct from row (${CONTACT_VALUES})
          or (decided is not null and not blocked and was_opted_out <> (decided = 'opted_out')),
        -- No hash where a warning is due, so the next import looks again.
        case when not blocked and not from_rejected and staff_known then hash end,
        stored, not is_new and mobile_number <> (stored).mobile_number
      from (
        select w.line, w.contact_id, w.first_name, w.last_name, w.mobile_number,
          case when $2 then w.staff_id else c.staff_id end as staff_id,
          coalesce(c.custom_fields - $3::text[], '{}') || w.custom_fields as custom_fields,
          coalesce(p.state, e.state) as decided,
          coalesce(p.from_rejected, false) as from_rejected,
          c.contact_id is null as is_new,
          coalesce(c.opted_out, false) as was_opted_out,
          coalesce(coalesce(p.state, e.state) = 'opted_in' and c.opted_out and c.opt_out_source in ('contact', 'admin'), false)
            as blocked,
          w.hash,
          not $2 or w.staff_id is null or exists (
            select from team_user u where u.team_id = $1 and lower(u.staff_id) = lower(w.staff_id)
          ) as staff_known,
          row (${contactValuesOf('c')}) as was,
          c as stored
        from winner w
        left join contact c on c.team_id = ${TEAM} and c.contact_id = w.contact_id
        left join preference p on p.contact_id = w.contact_id
        cross join lateral (select case when c.contact_id is null or not $5 then $4::text end as state) e
      ) beside`,
    [teamId, staffGiven, customFields, emptyMeans, optOutAbsent],
  )
  await client.query('analyze plan (contact_id, mobile_number, is_new, changed)')
}

async function warnAboutRecords(stage: Stage, { teamId }: MergeRules): Promise<void> {
  const kinds = [
    {
      code: 'W_DUPLICATE_CONTACT_ID',
      from: `select s.line, s.contact_id,
          format('Contact ID "%s" stands on line %s and again on line %s; the record of line %s was taken.',
            s.contact_id, s.line, w.line, w.line) as message
        from stage s join winner w on w.contact_id = s.contact_id and w.line <> s.line`,
    },
    {
      code: 'W_STAFF_UNKNOWN',
      from: `select w.line, w.contact_id,
          ${staffUnknownSql('w.staff_id')} as message
        from winner w
        where w.staff_id is not null
          and not exists (select from team_user u where u.team_id = $1 and lower(u.staff_id) = lower(w.staff_id))`,
    },
    {
      code: 'W_OPTIN_BLOCKED',
      from: `select line, contact_id,
          'The contact opted out personally or through an administrator, so the opt-in of the file was not applied.' as message
        from plan where blocked`,
    },
    {
      code: 'W_OPTOUT_APPLIED_FROM_BAD_RECORD',
      from: `select p.line, p.contact_id,
          'This record was rejected, but its opt-out was applied.' as message
        from preference p left join contact c on c.team_id = ${TEAM} and c.contact_id = p.contact_id
        where p.from_rejected and not coalesce(c.opted_out, false)
          and (c.contact_id is not null or exists (select from winner w where w.contact_id = p.contact_id))`,
    },
  ] as const
  for (const { code, from } of kinds) {
    await warnFrom(stage, code, from, from.includes('$1') ? [teamId] : [])
  }
}

interface Applied {
  created: number
  updated: number
  optedOut: number
  optedIn: number
}

async function apply(client: PoolClient, batchId: string, { teamId }: MergeRules): Promise<Applied> {
  await keepBefore(client, batchId, teamId, 'select (stored).* from plan where changed and not is_new')
  await keepBefore(client, batchId, teamId, OPTED_OUT_BY_REJECTED)
  await keepLostNumbers(client, teamId)
  const updated = await client.query(
    `update contact c set
      ${contactValuesFrom('p')},
      opted_out = ${NEXT_OPTED_OUT},
      opt_out_source = case when ${STOPPED} then p.stopped_by when c.opted_out <> (${NEXT_OPTED_OUT}) then 'import'
        else c.opt_out_source end,
      opt_out_changed_at = case when ${STOPPED} or c.opted_out <> (${NEXT_OPTED_OUT}) then now()
        else c.opt_out_changed_at end,
      record_hash = case when ${AS_DECIDED} then p.hash end, updated_at = now(), last_batch_id = $2
    from plan p
    where c.team_id = ${TEAM} and c.contact_id = p.contact_id and p.changed and not p.is_new`,
    [teamId, batchId],
  )
  const created = await client.query(
    `insert into contact (team_id, contact_id, ${CONTACT_VALUES},
      opted_out, opt_out_source, record_hash, last_batch_id)
    select $1, contact_id, ${CONTACT_VALUES},
      decided is not distinct from 'opted_out',
      coalesce(stopped_by, case when decided is null then 'default' else 'import' end), hash, $2
    from plan where is_new`,
    [teamId, batchId],
  )
  const fromRejected = await client.query(
    `update contact c set opted_out = true, opt_out_source = 'import', opt_out_changed_at = now(), record_hash = null,
      updated_at = now(), last_batch_id = $2
    from preference p
    where c.team_id = ${TEAM} and c.contact_id = p.contact_id and p.from_rejected and not c.opted_out
      and not exists (select from winner w where w.contact_id = p.contact_id)`,
    [teamId, batchId],
  )
  // Known by another hash, or looked at in full for a reason that is gone: the contact itself stays as it is.
  await client.query(
    `update contact c set record_hash = p.hash
    from plan p
    where c.team_id = ${TEAM} and c.contact_id = p.contact_id and not p.changed
      and (p.stored).record_hash is distinct from p.hash and c.record_hash is distinct from p.hash and ${AS_DECIDED}`,
    [teamId],
  )
  const { optedOut, optedIn } = await turned(client)
  const late = await obeyLateStops(client, batchId, teamId)
  return {
    created: created.rowCount ?? 0,
    updated: updated.rowCount ?? 0,
    optedOut: optedOut + (fromRejected.rowCount ?? 0) + late,
    optedIn,
  }
}

/** Contacts whose only word in the file is the opt-out of a rejected record. */
const OPTED_OUT_BY_REJECTED = `select c.* from preference p join contact c on c.team_id = ${TEAM} and c.contact_id = p.contact_id
  where p.from_rejected and not c.opted_out and not exists (select from winner w where w.contact_id = p.contact_id)`

/** The figures of `apply`, without applying. */
async function foresee(client: PoolClient, { teamId }: MergeRules): Promise<Applied> {
  const { rows } = await client.query(
    `select count(*) filter (where is_new)::int as created,
      count(*) filter (where changed and not is_new)::int as updated
    from plan`,
  )
  const fromRejected = await number(client, `select count(*) as n from (${OPTED_OUT_BY_REJECTED}) changed`, [teamId])
  const { optedOut, optedIn } = await turned(client)
  return { ...rows[0], optedOut: optedOut + fromRejected, optedIn }
}

async function turned(client: PoolClient): Promise<{ optedOut: number; optedIn: number }> {
  const { rows } = await client.query(
    `select count(*) filter (where decided = 'opted_out' and not was_opted_out)::int as "optedOut",
      count(*) filter (where decided = 'opted_in' and was_opted_out and not blocked)::int as "optedIn"
    from plan`,
  )
  return rows[0]
}

/** Decided on the contact as it is when its row is written. */
const NEXT_OPTED_OUT = `case
  when p.decided is null then c.opted_out
  when p.decided = 'opted_in' and c.opted_out and c.opt_out_source in ('contact', 'admin') then true
  else p.decided = 'opted_out' end`

/** Its number is stopped; a contact that had its own STOP keeps it. */
const STOPPED = `(p.stopped_by is not null and not (c.opted_out and c.opt_out_source in ('contact', 'admin')))`

/** The outcome is what the record said. */
const AS_DECIDED = `(p.decided is null or (${NEXT_OPTED_OUT}) = (p.decided = 'opted_out'))`

async function number(client: PoolClient, statement: string, values: unknown[] = []): Promise<number> {
  const { rows } = await client.query(statement, values)
  return Number(rows[0].n)
}
