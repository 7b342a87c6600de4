import { sql } from 'kysely'
import type { UndoFigures } from '../../../model/run.ts'
import type { Database } from '../../postgres/database.ts'
import { forManyContacts, teamLater } from '../planning/planner.ts'
import { obeyAfterUndo } from '../stopped-numbers.ts'

/** How many of the untouched contacts are shown. */
const LEFT_SHOWN = 100

/** An undo keeps a preference that the contact or an administrator stated since. */
function statedSince(batchId: string) {
  return sql`${stated(batchId)} and c.opt_out_changed_at is distinct from b.opt_out_changed_at`
}

/** A preference that the batch copied from a shared number has its `applied_at`. */
function stated(batchId: string) {
  return sql`c.opt_out_source in ('contact', 'admin')
    and c.opt_out_changed_at <> (select applied_at from batch where id = ${batchId})`
}

/** Contacts that the batch created: their moment is that of its transaction. */
function createdBy(teamId: number, batchId: string) {
  return sql`c.team_id = ${teamLater(teamId)} and c.created_at = (select applied_at from batch where id = ${batchId})`
}

/** The figures of `undoContacts`, without undoing. */
export async function foreseeUndo(db: Database, teamId: number, batchId: string): Promise<UndoFigures> {
  const { rows } = await sql<UndoFigures>`
    with borne as (
      select c.contact_id, false as created, c.last_batch_id is distinct from ${batchId} as elsewhere,
        ${statedSince(batchId)} as stated
      from contact_before b join contact c on c.team_id = ${teamLater(teamId)} and c.contact_id = b.contact_id
      where b.batch_id = ${batchId}
      union all
      select c.contact_id, true, c.last_batch_id is distinct from ${batchId}, ${stated(batchId)}
      from contact c where ${createdBy(teamId, batchId)}
    ), shown as (
      select contact_id, elsewhere from borne where elsewhere or stated order by contact_id limit ${LEFT_SHOWN}
    )
    select count(*) filter (where not created and not elsewhere and not stated)::integer as restored,
      count(*) filter (where created and not elsewhere and not stated)::integer as removed,
      count(*) filter (where elsewhere or stated)::integer as left,
      (select coalesce(json_agg(json_build_object('contactId', contact_id,
        'reason', case when elsewhere then 'another_batch' else 'preference' end) order by contact_id), '[]') from shown)
        as "leftContacts"
    from borne`.execute(db)
  return rows[0] as UndoFigures
}

/**
 * Takes back what a batch did to the contacts of its team: those that it updated hold again what they held before, those
 * that it created are removed, and later changes stay. Call while no run of the team can begin.
 */
export async function undoContacts(tx: Database, teamId: number, batchId: string): Promise<UndoFigures> {
  await forManyContacts.execute(tx)
  const { leftContacts, ...foreseen } = await foreseeUndo(tx, teamId, batchId)
  const { numAffectedRows: restored = 0n } = await sql`
    update contact c set
      first_name = b.first_name, last_name = b.last_name, mobile_number = b.mobile_number, staff_id = b.staff_id,
      custom_fields = b.custom_fields, opted_out = b.opted_out, opt_out_source = b.opt_out_source,
      opt_out_changed_at = b.opt_out_changed_at, last_batch_id = b.last_batch_id,
      record_hash = null, updated_at = clock_timestamp()
    from contact_before b
    where b.batch_id = ${batchId} and c.team_id = ${teamLater(teamId)} and c.contact_id = b.contact_id
      and c.last_batch_id = ${batchId} and not (${statedSince(batchId)})`.execute(tx)
  // A contact may now share a number that came back; without a hash the next import warns about it.
  await sql`
    update contact c set record_hash = null
    from (
      select mobile_number, min(contact_id) as first, max(contact_id) as last from contact_before
      where batch_id = ${batchId} group by mobile_number
    ) b
    where c.team_id = ${teamLater(teamId)} and c.mobile_number = b.mobile_number
      and (c.contact_id <> b.first or c.contact_id <> b.last) and c.record_hash is not null`.execute(tx)
  const { numAffectedRows: removed = 0n } = await sql`
    delete from contact c
    where ${createdBy(teamId, batchId)} and c.last_batch_id = ${batchId} and not (${stated(batchId)})`.execute(tx)
  await obeyAfterUndo(tx, teamId, batchId)
  const figures = { restored: Number(restored), removed: Number(removed) }
  // Opt-outs of this very moment count too.
  const left = foreseen.restored + foreseen.removed + foreseen.left - figures.restored - figures.removed
  return { ...figures, left, leftContacts }
}

/** Drops what is kept of batches that can no longer be undone; a day later, so that no undo is under way. */
export async function forgetBefore(db: Database): Promise<void> {
  await sql`
    with past as (
      update batch set undo_until = null where undo_until < now() - interval '1 day'
        and not exists (select from run where run.undoing = batch.id) returning id
    )
    delete from contact_before b using past where b.batch_id = past.id`.execute(db)
}
