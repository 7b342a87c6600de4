import { localDate, type Slot } from '../../model/daily-windows.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { type Pause, pauseOn } from '../../model/pauses.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import type { SlotsAhead } from '../../store/runs/slots-ahead.ts'
import { planSlots, type SlotTimes, type Timing } from './slot-plan.ts'

/** A window that takes what waits. */
export interface Turn extends TimedSlot {
  /** From when on. */
  startsAt: Date
  isOpen: boolean
  /** Uploads that runs of it have tried: they alone start no other run in it. */
  tried: ReadonlySet<string>
}

/** What the windows of a team hold for the files that wait. */
export interface Outlook {
  timeZone: string
  /** The windows that take what waits, the first one first; none while every window is off. */
  turns: readonly Turn[]
  /** A window that is open and has had its file. */
  had: Slot | null
  /** A pause that holds today. */
  pause: Pause | null
  /** A run of the team is in progress: whatever is due waits for its end. */
  going: boolean
  /** It has not chosen its files yet. */
  choosing: boolean
}

export function outlookAt(
  { going, choosing, slots }: SlotsAhead,
  timing: Timing,
  select: ImportSettings['file']['select'],
  now: Date,
  timesOf?: SlotTimes,
): Outlook {
  const { timeZone, offset, pauses } = timing
  const { coming } = planSlots(slots, timing, now, timesOf)
  const rowOf = ({ name, date }: Slot) => slots.find((row) => row.window_name === name && row.local_date === date)
  // Its run has ended; the next look closes it.
  const isServed = (slot: Slot) => select === 'most_recent' && rowOf(slot)?.imported === true
  const turns = coming
    .filter((slot) => !isServed(slot))
    .map((slot) => turnOf(slot, rowOf(slot)?.tried ?? [], offset, now))
    .filter(({ startsAt, closesAt }) => startsAt < closesAt)
  const had = slots.find(
    (row) =>
      row.opens_at <= now &&
      row.closes_at > now &&
      (row.state === 'done' || isServed({ name: row.window_name, date: row.local_date })),
  )
  const today = localDate(now, timeZone)
  return {
    timeZone,
    turns,
    had: had && timing.schedule[had.window_name] ? { name: had.window_name, date: had.local_date } : null,
    pause: pauseOn(pauses, today),
    going,
    choosing,
  }
}

function turnOf(slot: TimedSlot, tried: readonly string[], offset: number, now: Date): Turn {
  const isOpen = slot.opensAt <= now
  const startsAt = new Date(Math.max(slot.opensAt.getTime() + offset, isOpen ? now.getTime() : 0))
  return { ...slot, isOpen, startsAt, tried: new Set(isOpen ? tried : []) }
}
