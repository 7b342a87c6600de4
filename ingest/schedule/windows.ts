import { Cron } from 'croner'
import { DAILY_WINDOWS, localDate, WINDOW_NAMES, type WindowName } from '../../model/daily-windows.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'

type Schedule = ImportSettings['schedule']

/**
 * The slot of a window on a local date: `opensAt` inclusive, `closesAt` exclusive. A start that does not exist on that day is the first existing instant after it;
 * of an hour that comes twice the first pass counts. Both are croner's rules.
 */
export function slotOn(name: WindowName, date: string, timeZone: string): TimedSlot {
  const { startHour, endHour } = DAILY_WINDOWS[name]
  return { name, date, opensAt: instantOf(date, startHour, timeZone), closesAt: instantOf(date, endHour, timeZone) }
}

/** The enabled slots that are open at `now`: at most one, since windows do not overlap. */
export function openSlots(schedule: Schedule, timeZone: string, now: Date): TimedSlot[] {
  return WINDOW_NAMES.filter((name) => schedule[name])
    .map((name) => slotOn(name, localDate(now, timeZone), timeZone))
    .filter((slot) => slot.opensAt <= now && now < slot.closesAt)
}

/** The next enabled slot that opens after `now`; null while every window is off. */
export function nextSlot(schedule: Schedule, timeZone: string, now: Date): TimedSlot | null {
  const starts = WINDOW_NAMES.filter((name) => schedule[name]).flatMap((name) => {
    const start = new Cron(startPattern(name), { timezone: timeZone, paused: true }).nextRun(now)
    return start ? [slotOn(name, localDate(start, timeZone), timeZone)] : []
  })
  starts.sort((a, b) => a.opensAt.getTime() - b.opensAt.getTime())
  return starts[0] ?? null
}

/** The cron pattern of a moment some seconds after a window's start, every day. */
export function startPattern(name: WindowName, seconds = 0): string {
  return `${seconds % 60} ${Math.floor(seconds / 60)} ${DAILY_WINDOWS[name].startHour} * * *`
}

export function instantOf(date: string, hour: number, timeZone: string): Date {
  const [year, month, day] = date.split('-').map(Number)
  const once = new Cron(`0 0 ${hour} ${day} ${month} * ${year}`, { timezone: timeZone, paused: true })
  // From well before the day, in every zone.
  const instant = once.nextRun(new Date(Date.UTC(year as number, (month as number) - 1, (day as number) - 2)))
  if (!instant) throw new Error(`${date} has no ${hour} o'clock in ${timeZone}`)
  return instant
}
