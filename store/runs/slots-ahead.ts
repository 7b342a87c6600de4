import type { WindowName } from '../../model/daily-windows.ts'
import type { Database } from '../postgres/database.ts'
import { prepared } from '../postgres/prepared.ts'
import type { SlotRow } from '../postgres/tables.ts'

/** A slot of these days, with what the runs of an open one have done so far. */
export interface SlotAhead
  extends Pick<
    SlotRow,
    'window_name' | 'local_date' | 'state' | 'opens_at' | 'closes_at' | 'opened_at' | 'blocked_by'
  > {
  imported: boolean
  /** Uploads that were tried, with any outcome. */
  tried: string[]
}

export interface SlotsAhead {
  /** A run of the team is queued or in progress, or a batch of it is being undone. */
  going: boolean
  /** It has not chosen its files yet. */
  choosing: boolean
  slots: SlotAhead[]
}

type Row = { going: boolean; choosing: boolean } & (SlotAhead | { window_name: null })

/** Asked at each upload. */
const ahead = prepared<Row>(
  'slots_ahead',
  `select coalesce(busy.going, false) as going, coalesce(busy.choosing, false) as choosing, slot.window_name, slot.local_date::text as local_date, slot.state, slot.opens_at, slot.closes_at,
    slot.opened_at, slot.blocked_by, coalesce(work.imported, false) as imported, coalesce(work.tried, '{}') as tried
  from (select count(*) > 0 as going,
      bool_or(undoing is null and not exists (select from batch where batch.run_id = run.id)) as choosing
    from run where team_id = $1 and (state in ('queued', 'running') or undoing is not null)) busy
  left join slot on slot.team_id = $1 and slot.local_date >= ($2::timestamptz - interval '3 days')::date
  left join lateral (
    select bool_or(batch.state in ('imported', 'imported_with_errors', 'undone')) as imported,
      array_agg(batch.upload_id::text) filter (where batch.upload_id is not null) as tried
    from run join batch on batch.run_id = run.id
    where slot.opened_at is not null and slot.closes_at > $2 and run.team_id = $1
      and run.window_name = slot.window_name and run.window_date = slot.local_date
  ) work on true`,
)

/** Those to come, and the ended ones of the last days: after a change of the time zone their dates come again. */
export async function slotsAhead(db: Database, teamId: number, now: Date): Promise<SlotsAhead> {
  const rows = await ahead(db, teamId, now)
  const { going = false, choosing = false } = rows[0] ?? {}
  return { going, choosing, slots: rows.filter(isSlot) }
}

function isSlot(row: Row): row is Row & SlotAhead {
  return (row.window_name as WindowName | null) !== null
}
