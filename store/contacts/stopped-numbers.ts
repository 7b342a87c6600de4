import { sql } from 'kysely'
import type { PoolClient } from 'pg'
import { type Database, onConnection } from '../postgres/database.ts'
import { TEAM, teamLater } from './planning/planner.ts'
import { shutOutPreferences } from './preference-locks.ts'
import type { LinesOf } from './shared-mobiles.ts'
import type { Stage } from './stage.ts'
import { warnFrom } from './warn-from.ts'

/** The people or an administrator said so, not a file. */
const STATED = "('contact', 'admin')"
const SAID = sql`('contact', 'admin')`

/**
 * Opts out each contact that is created with, or changes to, a number that said STOP, from now on as if its contact had said so.
 * Call when the plan is made and before it is carried out: the contacts are still as they were.
 */
export async function obeyStoppedNumbers(stage: Stage, teamId: number, linesOf: LinesOf): Promise<void> {
  const { client } = stage
  const { rows } = await client.query(
    `select exists (select from plan where ${ARRIVING}) as arriving,
      exists (select from stopped_number k join team t on t.team = k.team where t.id = $1) as kept`,
    [teamId],
  )
  const [{ arriving, kept }] = rows
  if (!arriving && stage.created === 0) return
  await client.query(
    `create temp table stopped on commit drop as
      select distinct on (mobile_number) mobile_number, opt_out_source as source, contact_id as other
      from contact where team_id = ${TEAM} and opted_out and opt_out_source in ${STATED}
      order by mobile_number, contact_id`,
    [teamId],
  )
  if (kept) await addKept(client, stage.batchId, teamId)
  await client.query('create unique index on stopped (mobile_number); analyze stopped')
  await client.query('create temp table stopped_by (line bigint, contact_id text, other text) on commit drop')
  await client.query(
    `with told as (
      insert into stopped_by
        select p.line, p.contact_id, s.other from plan p join stopped s on s.mobile_number = p.mobile_number
        where ${ARRIVING} and p.decided is distinct from 'opted_out'
    )
    update plan p set decided = 'opted_out', stopped_by = s.source, blocked = false, changed = true, hash = null
    from stopped s where s.mobile_number = p.mobile_number and ${ARRIVING}`,
  )
  if (stage.created > 0) await stopCreated(stage, teamId, linesOf)
  await warnFrom(
    stage,
    'W_OPTOUT_BY_NUMBER',
    `select line, contact_id, case when other is null
        then 'This mobile number opted out before, so this contact is opted out too.'
        else format('This mobile number opted out as Contact ID "%s", so this contact is opted out too.', other)
      end as message
    from stopped_by where line is not null`,
    [],
  )
}

/** Of the plan: created, or with another number than before, without a STOP of its own. */
const ARRIVING = `(is_new or renumbered and not (was_opted_out and (stored).opt_out_source in ${STATED}))`

async function addKept(client: PoolClient, batchId: string, teamId: number): Promise<void> {
  await client.query(
    `insert into stopped
      select n.mobile_number, k.source, null
      from (
        select mobile_number from plan where ${ARRIVING}
        union select mobile_number from contact c where c.team_id = ${TEAM} and c.last_batch_id = $2
      ) n
      join team t on t.id = $1
      join stopped_number k on k.team = t.team and k.number_hash = hashed_number(n.mobile_number)
      where not exists (select from stopped s where s.mobile_number = n.mobile_number)`,
    [teamId, batchId],
  )
}

/** Contacts that were written while the file was read. */
async function stopCreated(stage: Stage, teamId: number, linesOf: LinesOf): Promise<void> {
  const { client, batchId } = stage
  const { rows } = await client.query(
    `with before as materialized (
      select c.contact_id, c.opted_out, s.source, s.other from contact c join stopped s on s.mobile_number = c.mobile_number
      where c.team_id = ${TEAM} and c.last_batch_id = $2
    ), done as (
      update contact c set opted_out = true, opt_out_source = b.source, opt_out_changed_at = now(), record_hash = null
      from before b where c.team_id = ${TEAM} and c.contact_id = b.contact_id
    )
    select contact_id, other from before where not opted_out order by contact_id`,
    [teamId, batchId],
  )
  stage.createdOptedOut += rows.length
  if (rows.length === 0) return
  const lines = await linesOf(rows.map((row) => row.contact_id))
  const others = new Map(rows.map((row) => [row.contact_id, row.other]))
  await client.query(`insert into stopped_by select * from unnest($1::bigint[], $2::text[], $3::text[])`, [
    lines.map(({ line }) => line),
    lines.map(({ contactId }) => contactId),
    lines.map(({ contactId }) => others.get(contactId) ?? null),
  ])
}

/** Keeps the numbers that contacts who opted out are about to lose. Call before the plan is carried out. */
export async function keepLostNumbers(client: PoolClient, teamId: number): Promise<void> {
  await client.query(
    `insert into stopped_number (team, number_hash, source)
      select distinct on (c.mobile_number) t.team, hashed_number(c.mobile_number), c.opt_out_source
      from plan p join contact c on c.team_id = ${TEAM} and c.contact_id = p.contact_id join team t on t.id = $1
      where p.renumbered and c.opted_out and c.opt_out_source in ${STATED}
      order by c.mobile_number, c.contact_id
    on conflict do nothing`,
    [teamId],
  )
}

/** Obeys what was said since the plan was made; answers to how many contacts. Call as the last step of a merge. */
export async function obeyLateStops(client: PoolClient, batchId: string, teamId: number): Promise<number> {
  await shutOutPreferences(onConnection(client), teamId)
  const { rowCount } = await client.query(
    `update contact c set opted_out = true, opt_out_source = late.source, opt_out_changed_at = now(), record_hash = null
    from (
      select distinct on (mobile_number) mobile_number, opt_out_source as source from contact
      where team_id = ${TEAM} and opted_out and opt_out_source in ${STATED} and opt_out_changed_at > now()
      order by mobile_number, contact_id
    ) late
    where c.team_id = ${TEAM} and c.mobile_number = late.mobile_number and c.last_batch_id = $2
      and not c.opted_out and c.opt_out_source not in ${STATED}`,
    [teamId, batchId],
  )
  return rowCount ?? 0
}

/** Keeps the numbers of a team's contacts who opted out, for a team of the same short name. Call before it is removed. */
export async function keepNumbersOfTeam(tx: Database, teamId: number): Promise<void> {
  await sql`
    insert into stopped_number (team, number_hash, source)
      select distinct on (c.mobile_number) t.team, hashed_number(c.mobile_number), c.opt_out_source
      from contact c join team t on t.id = c.team_id
      where c.team_id = ${teamLater(teamId)} and c.opted_out and c.opt_out_source in ${SAID}
      order by c.mobile_number, c.contact_id
    on conflict do nothing`.execute(tx)
}

/** The person or an administrator opted a contact in again: the number that was kept is theirs. */
export async function forgetStoppedNumber(tx: Database, teamId: number, contactId: string): Promise<void> {
  await sql`
    delete from stopped_number k using team t, contact c
    where t.id = ${teamId} and k.team = t.team and c.team_id = t.id and c.contact_id = ${contactId}
      and k.number_hash = hashed_number(c.mobile_number)`.execute(tx)
}

/** Contacts that an undo gave back a number which said STOP since are opted out. */
export async function obeyAfterUndo(tx: Database, teamId: number, batchId: string): Promise<void> {
  await shutOutPreferences(tx, teamId)
  await sql`
    with restored as materialized (
      select c.contact_id, c.mobile_number from contact_before b
        join contact c on c.team_id = ${teamLater(teamId)} and c.contact_id = b.contact_id
      where b.batch_id = ${batchId} and not c.opted_out
        and c.opt_out_source not in ${SAID}
    ), stopped as (
      select contact_id, coalesce(live.opt_out_source, k.source) as source from restored r
        join team t on t.id = ${teamId}
        left join lateral (
          select opt_out_source from contact s
          where s.team_id = ${teamLater(teamId)} and s.mobile_number = r.mobile_number
            and s.opted_out and s.opt_out_source in ${SAID}
          order by s.contact_id limit 1
        ) live on true
        left join stopped_number k on k.team = t.team and k.number_hash = hashed_number(r.mobile_number)
      where coalesce(live.opt_out_source, k.source) is not null
    )
    update contact c set opted_out = true, opt_out_source = s.source, opt_out_changed_at = clock_timestamp()
    from stopped s where c.team_id = ${teamLater(teamId)} and c.contact_id = s.contact_id`.execute(tx)
}
