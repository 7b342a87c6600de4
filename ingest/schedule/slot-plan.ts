import { localDate, type Slot, WINDOW_NAMES, type WindowName } from '../../model/daily-windows.ts'
import { type ImportSettings, UNSAVED_SETTINGS, unmappedFields } from '../../model/import-settings.ts'
import { isPaused, type Pause, pauseOn } from '../../model/pauses.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import type { SlotAhead } from '../../store/runs/slots-ahead.ts'
import { slotOn } from './windows.ts'

/** As much of a slot's row as a plan looks at. */
export type PlannedRow = Omit<SlotAhead, 'imported' | 'tried'>

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
  close: PlannedRow[]
  /** Still without a row: what comes next, so that it can be missed. */
  add: TimedSlot[]
  /** Open now, and still waiting for a file. */
  open: TimedSlot[]
  /** Every slot that is served from now on: those of `open` and those whose start is still to come. */
  coming: TimedSlot[]
}

/** What decides when the windows of a team start. */
export interface Timing {
  schedule: ImportSettings['schedule']
  timeZone: string
  /** How long after the opening its runs start, in milliseconds. */
  offset: number
  /** Days without windows. */
  pauses: readonly Pause[]
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

export function timingOf(settings: ImportSettings, timeZone: string, offset: number): Timing {
  // Nothing could be imported in any window yet.
  const { schedule } = unmappedFields(settings).length > 0 ? UNSAVED_SETTINGS : settings
  return { schedule, timeZone, offset, pauses: settings.pauses }
}

/** Finds the times of a slot; the caller may remember them. */
export type SlotTimes = typeof slotOn

export function planSlots(
  rows: readonly PlannedRow[],
  timing: Timing,
  now: Date,
  timesOf: SlotTimes = slotOn,
): SlotPlan {
  const { schedule, timeZone, offset, pauses } = timing
  const plan: SlotPlan = { drop: [], missed: { known: [], unknown: [] }, close: [], add: [], open: [], coming: [] }
  const today = localDate(now, timeZone)
  const serve = (slot: TimedSlot) => {
    plan.coming.push(slot)
    if (slot.opensAt.getTime() + offset <= now.getTime()) plan.open.push(slot)
  }
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
      const isOn = schedule[name] && !isPaused(pauses, row.local_date)
      if (row.opened_at === null && (!isOn || isElsewhere(row, timeZone, now, timesOf))) {
        plan.drop.push(slot)
        known.delete(row.local_date)
      } else if (row.closes_at <= now) {
        if (row.opened_at !== null) plan.close.push(row)
        else {
          plan.missed.known.push(slot)
          lastMissed = row.local_date
        }
      } else if (isOn) serve(slot)
    }
    if (lastMissed) plan.missed.unknown.push(...passed(name, lastMissed, today, timing, now, known, timesOf))
    if (!schedule[name]) continue
    for (const slot of ahead(name, today, timing, now, timesOf)) {
      if (known.has(slot.date)) continue
      plan.add.push(slot)
      serve(slot)
    }
  }
  // Behind a change of the time zone two may be open.
  for (const slots of [plan.coming, plan.open]) slots.sort((a, b) => a.opensAt.getTime() - b.opensAt.getTime())
  return plan
}

/** It was entered in another time zone, and has not begun. */
function isElsewhere(row: PlannedRow, timeZone: string, now: Date, timesOf: SlotTimes): boolean {
  if (row.opens_at <= now) return false
  const { opensAt, closesAt } = timesOf(row.window_name, row.local_date, timeZone)
  return +opensAt !== +row.opens_at || +closesAt !== +row.closes_at
}

/** The slots after a missed one whose windows have passed as well. */
function passed(
  name: WindowName,
  after: string,
  today: string,
  { timeZone, pauses }: Timing,
  now: Date,
  known: ReadonlyMap<string, PlannedRow>,
  timesOf: SlotTimes,
): TimedSlot[] {
  const slots: TimedSlot[] = []
  for (let date = dayAfter(after); date <= today && slots.length < MOST_DAYS_MISSED; date = dayAfter(date)) {
    if (known.has(date) || isPaused(pauses, date)) continue
    const slot = timesOf(name, date, timeZone)
    if (slot.closesAt <= now) slots.push(slot)
  }
  return slots
}

function ahead(
  name: WindowName,
  today: string,
  { timeZone, pauses }: Timing,
  now: Date,
  timesOf: SlotTimes,
): TimedSlot[] {
  const slots: TimedSlot[] = []
  for (let date = today; slots.length < SLOTS_AHEAD; date = dayAfter(date)) {
    const pause = pauseOn(pauses, date)
    if (pause) {
      date = pause.to
      continue
    }
    const slot = timesOf(name, date, timeZone)
    if (slot.closesAt > now) slots.push(slot)
  }
  return slots
}

function timed(row: PlannedRow): TimedSlot {
  return { name: row.window_name, date: row.local_date, opensAt: row.opens_at, closesAt: row.closes_at }
}

/** The calendar day after `YYYY-MM-DD`. */
export function dayAfter(date: string): string {
  const day = new Date(`${date}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() + 1)
  return day.toISOString().slice(0, 10)
}
