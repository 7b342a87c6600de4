import { DAILY_WINDOWS, localDate, WINDOW_NAMES, type WindowName } from '../../model/daily-windows.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { isPaused } from '../../model/pauses.ts'
import { formatterByZone, zonedFormat } from '../../model/wording/zoned-format.ts'
import { dayAfter } from './slot-plan.ts'
import { slotOn } from './windows.ts'

/** One window of one day to come. */
export interface UpcomingWindow {
  name: WindowName
  /** Local date of the team, `YYYY-MM-DD`. */
  date: string
  opensAt: string
  closesAt: string
  /** `Mon, Nov 23: Overnight, 3:00 AM to 5:00 AM`, in the team's time. */
  text: string
  /** The effect of daylight saving on this day; null on all others. */
  daylightSaving: string | null
}

/** The enabled windows of the next days, today included, in their order; none on paused days. */
export function upcomingWindows(
  { schedule, pauses }: Pick<ImportSettings, 'schedule' | 'pauses'>,
  timeZone: string,
  now: Date,
  days = 14,
): UpcomingWindow[] {
  const windows: UpcomingWindow[] = []
  let date = localDate(now, timeZone)
  for (let day = 0; day < days; day++, date = dayAfter(date)) {
    if (isPaused(pauses, date)) continue
    for (const name of WINDOW_NAMES) {
      if (!schedule[name]) continue
      const { opensAt, closesAt } = slotOn(name, date, timeZone)
      if (closesAt <= now) continue
      const text = `${dayOf(opensAt, timeZone)}: ${DAILY_WINDOWS[name].title}, ${timeOf(opensAt, timeZone)} to ${timeOf(closesAt, timeZone)}`
      windows.push({
        name,
        date,
        opensAt: opensAt.toISOString(),
        closesAt: closesAt.toISOString(),
        text,
        daylightSaving: clockChange(date, timeZone, hoursBetween(opensAt, closesAt)),
      })
    }
  }
  return windows
}

function clockChange(date: string, timeZone: string, hours: number): string | null {
  const [begin, end] = [offsetMinutes(date, timeZone), offsetMinutes(dayAfter(date), timeZone)]
  if (begin === end) return null
  const change = end > begin ? 'forward' : 'back'
  const length = hours === 2 ? '' : ` This window is open for ${hours} ${hours === 1 ? 'hour' : 'hours'}.`
  return `Clocks go ${change} by ${Math.abs(end - begin)} minutes on this day.${length}`
}

const wallClock = formatterByZone('en-US', {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
})

/** How far the zone is ahead of UTC when the local day begins. */
function offsetMinutes(date: string, timeZone: string): number {
  const probe = new Date(`${date}T00:00:00Z`)
  const wall = (instant: Date) => {
    const parts = wallClock(timeZone).formatToParts(instant)
    const part = (type: string) => Number(parts.find((found) => found.type === type)?.value)
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))
  }
  const guess = wall(probe) - probe.getTime()
  const midnight = new Date(probe.getTime() - guess)
  return (wall(midnight) - midnight.getTime()) / 60_000
}

function hoursBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 3_600_000
}

const dayOf = zonedFormat('en-US', { weekday: 'short', month: 'short', day: 'numeric' })
const timeOf = zonedFormat('en-US', { hour: 'numeric', minute: '2-digit' })
