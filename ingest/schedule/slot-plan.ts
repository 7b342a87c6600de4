import { localDate, type Slot, WINDOW_NAMES, type WindowName } from '../../model/daily-windows.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { SlotRow } from '../../store/postgres/tables.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import { slotOn } from './windows.ts'

/** Changes to a team's slots, so that every window of every day gets a recorded end. */
export interface SlotPlan {
  /**
   * They were never opened and will not come as they stand: the window is off now, or the time zone was changed. Or
   * they were ended before their end, by a clock that was ahead: they are still to come.
   */
  drop: Slot[]
  /** Their window has passed unattended. `known` have a row. */
  missed: { known: TimedSlot[]; unknown: TimedSlot[] }
  /** Their window has passed and was watched. */
  close: SlotRow[]
  /** Still without a row: what comes next, so that it can be missed. */
  add: TimedSlot[]
  /** Open now, and still waiting for a file. */
  open: TimedSlot[]
}

/** After a longer absence only this many days are reported. */
const MOST_DAYS_MISSED = 14
/** The one that is open or comes next, and the one after it: a service that stops in the first can still miss the second. */
const SLOTS_AHEAD = 2

/** How long after the opening a team's runs start, so that many teams do not start in the same second. */
export function startOffset(teamId: number, teams: number): number {
  const spread = 600_000
  return teams <= 1 ? 0 : Math.floor(((teamId * 0.618033988749895) % 1) * spread)
}

export function planSlots(
  rows: readonly SlotRow[],
  { schedule, timeZone, offset }: { schedule: ImportSettings['schedule']; timeZone: string; offset: number },
  now: Date,
): SlotPlan {
  const plan: SlotPlan = { drop: [], missed: { known: [], unknown: [] }, close: [], add: [], open: [] }
  const today = localDate(now, timeZone)
  for (const name of WINDOW_NAMES) {
    const known = new Map(rows.filter((row) => row.window_name === name).map((row) => [row.local_date, row]))
    let lastMissed: string | null = null
    for (const row of known.values()) {
      if (row.state !== 'waiting') {
        if ((row.state !== 'missed' && row.state !== 'empty') || row.closes_at <= now) continue
        plan.drop.push(timed(row))
        known.delete(row.local_date)
        continue
      }
      const slot = timed(row)
      if (row.opened_at === null && willNotCome(row, schedule[name], timeZone, now)) {
        plan.drop.push(slot)
        known.delete(row.local_date)
      } else if (row.closes_at <= now) {
        if (row.opened_at !== null) plan.close.push(row)
        else {
          plan.missed.known.push(slot)
          lastMissed = row.local_date
        }
      } else if (row.opens_at.getTime() + offset <= now.getTime()) plan.open.push(slot)
    }
    if (lastMissed) plan.missed.unknown.push(...passed(name, lastMissed, today, timeZone, now, known))
    if (!schedule[name]) continue
    for (const slot of ahead(name, today, timeZone, now)) {
      if (known.has(slot.date)) continue
      plan.add.push(slot)
      if (slot.opensAt.getTime() + offset <= now.getTime()) plan.open.push(slot)
    }
  }
  return plan
}

function willNotCome(row: SlotRow, enabled: boolean, timeZone: string, now: Date): boolean {
  if (!enabled) return true
  if (row.opens_at <= now) return false
  const { opensAt, closesAt } = slotOn(row.window_name, row.local_date, timeZone)
  return +opensAt !== +row.opens_at || +closesAt !== +row.closes_at
}

/** The slots after a missed one whose windows have passed as well. */
function passed(
  name: WindowName,
  after: string,
  today: string,
  timeZone: string,
  now: Date,
  known: ReadonlyMap<string, SlotRow>,
): TimedSlot[] {
  const slots: TimedSlot[] = []
  for (let date = dayAfter(after); date <= today && slots.length < MOST_DAYS_MISSED; date = dayAfter(date)) {
    const slot = slotOn(name, date, timeZone)
    if (!known.has(date) && slot.closesAt <= now) slots.push(slot)
  }
  return slots
}

function ahead(name: WindowName, today: string, timeZone: string, now: Date): TimedSlot[] {
  const slots: TimedSlot[] = []
  for (let date = today; slots.length < SLOTS_AHEAD; date = dayAfter(date)) {
    const slot = slotOn(name, date, timeZone)
    if (slot.closesAt > now) slots.push(slot)
  }
  return slots
}

function timed(row: SlotRow): TimedSlot {
  return { name: row.window_name, date: row.local_date, opensAt: row.opens_at, closesAt: row.closes_at }
}

/** The calendar day after `YYYY-MM-DD`. */
export function dayAfter(date: string): string {
  const day = new Date(`${date}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() + 1)
  return day.toISOString().slice(0, 10)
}
