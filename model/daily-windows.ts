import { zonedFormat } from './wording/zoned-format.ts'

export const WINDOW_NAMES = ['overnight', 'morning', 'afternoon', 'evening'] as const
export type WindowName = (typeof WINDOW_NAMES)[number]

/** When a window is open: whole hours of the team's local time, `start` inclusive, `end` exclusive. */
export interface DailyWindow {
  readonly name: WindowName
  readonly title: string
  readonly startHour: number
  readonly endHour: number
  /** As the administrator says it: `3-5 AM`. */
  readonly hours: string
}

export const DAILY_WINDOWS: Record<WindowName, DailyWindow> = {
  overnight: { name: 'overnight', title: 'Overnight', startHour: 3, endHour: 5, hours: '3-5 AM' },
  morning: { name: 'morning', title: 'Morning', startHour: 10, endHour: 12, hours: '10 AM-12 PM' },
  afternoon: { name: 'afternoon', title: 'Afternoon', startHour: 14, endHour: 16, hours: '2-4 PM' },
  evening: { name: 'evening', title: 'Evening', startHour: 18, endHour: 20, hours: '6-8 PM' },
}

/** The same value for every window. */
export function forEachWindow<T>(value: T): Record<WindowName, T> {
  return Object.fromEntries(WINDOW_NAMES.map((name) => [name, value])) as Record<WindowName, T>
}

/**
 * `waiting`: its window is still to open, or open without a file so far. `empty`: no file came until its end. `missed`: the
 * service was down. `skipped_overlap`: another run of the team was going until its end.
 */
export type SlotState = 'waiting' | 'done' | 'empty' | 'missed' | 'skipped_overlap'

/** One window on one local date of one team. */
export interface Slot {
  readonly name: WindowName
  /** Local date of the team, `YYYY-MM-DD`. */
  readonly date: string
}

export function laterSlot(slot: Slot, other: Slot): boolean {
  if (slot.date !== other.date) return slot.date > other.date
  return DAILY_WINDOWS[slot.name].startHour > DAILY_WINDOWS[other.name].startHour
}

/** The local date in `timeZone` at `instant`, `YYYY-MM-DD`. */
export const localDate = zonedFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' })

/** `instant` as the people of the team read it: `Sun Nov 22, 2026, 3:00:04 AM EST`. */
export const localTime = zonedFormat('en-US', {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})
