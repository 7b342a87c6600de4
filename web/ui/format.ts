import { DAILY_WINDOWS, localDate, type WindowName } from '../../model/daily-windows.ts'
import { DAY_MS } from '../../model/time.ts'
import { formatterByZone, zonedFormat } from '../../model/wording/zoned-format.ts'

export { counted, figure } from '../../model/wording/figure.ts'

/** `18.4k`, for where there is no room: exact below a thousand. */
export function shortFigure(value: number): string {
  if (value < 1000) return String(value)
  const [scaled, unit] = value < 999_950 ? [value / 1000, 'k'] : [value / 1_000_000, 'M']
  return `${scaled.toFixed(scaled < 99.95 ? 1 : 0)}${unit}`
}

/** `2.1 MB` */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  let value = bytes
  for (const unit of ['KB', 'MB', 'GB']) {
    value /= 1000
    if (value < 999.95) return `${value < 9.95 || unit !== 'KB' ? value.toFixed(1) : value.toFixed(0)} ${unit}`
  }
  return `${(value / 1000).toFixed(1)} TB`
}

/** `0.4 s`, `22 s`, `4 min`, `2 h 5 min` */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 99.5) return `${Math.round(seconds)} s`
  return roughly(ms)
}

/** `48 min`, `1 h 3 min`, `5 h`, `3 days`: how far something is away. */
export function roughly(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  if (minutes < 60) return `${minutes} min`
  if (minutes < 180)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  const hours = Math.round(ms / 3_600_000)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}

const hourAndMinute = zonedFormat('en-US', { hour: 'numeric', minute: '2-digit' })
const hourToSecond = zonedFormat('en-US', { hour: 'numeric', minute: '2-digit', second: '2-digit' })
const weekdayAndDate = zonedFormat('en-US', { weekday: 'short', month: 'short', day: 'numeric' })

/** `10:00 AM` */
export function clock(instant: Date, timeZone: string, seconds = false): string {
  return (seconds ? hourToSecond : hourAndMinute)(instant, timeZone).replaceAll('\u202f', ' ')
}

/** `Today`, `Yesterday`, `Tomorrow`, `Wed Oct 14`, with the year where it is another. */
export function day(instant: Date, timeZone: string, now: Date): string {
  const date = localDate(instant, timeZone)
  if (date === localDate(now, timeZone)) return 'Today'
  if (date === dayBefore(localDate(now, timeZone))) return 'Yesterday'
  if (date === daysBefore(localDate(now, timeZone), -1)) return 'Tomorrow'
  const year = date.slice(0, 4) === localDate(now, timeZone).slice(0, 4) ? '' : `, ${date.slice(0, 4)}`
  return weekdayAndDate(instant, timeZone).replace(',', '') + year
}

/** As `day`, and the date beside the word for it: `Today, Thu Oct 22`. */
export function dayInFull(instant: Date, timeZone: string, now: Date): string {
  const title = day(instant, timeZone, now)
  return title.includes(' ') ? title : `${title}, ${dateTitle(localDate(instant, timeZone))}`
}

/** `Today 10:00 AM`, `Wed Oct 14, 3:00 AM` */
export function moment(instant: Date, timeZone: string, now: Date): string {
  const date = day(instant, timeZone, now)
  return `${date}${date.includes(' ') ? ',' : ''} ${clock(instant, timeZone)}`
}

/** As `moment`, within a sentence. */
export function momentWithin(instant: Date, timeZone: string, now: Date): string {
  return moment(instant, timeZone, now).replace(/^(Today|Yesterday|Tomorrow)/, (word) => word.toLowerCase())
}

/** The local date before a local date. */
export function dayBefore(date: string): string {
  return daysBefore(date, 1)
}

export function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10)
}

/** `Fri Oct 9` of a local date. */
export function dateTitle(date: string): string {
  return weekdayAndDate(new Date(`${date}T12:00:00Z`), 'UTC').replace(',', '')
}

/** `Chicago time` */
export function zoneTitle(timeZone: string): string {
  const place = timeZone.split('/').at(-1) as string
  return timeZone === 'UTC' || timeZone === 'Etc/UTC' ? 'UTC' : `${place.replaceAll('_', ' ')} time`
}

const offsets = formatterByZone('en-US', { timeZoneName: 'shortOffset' })

/** `UTC−5` at `instant`. */
export function offset(timeZone: string, instant: Date): string {
  const parts = offsets(timeZone).formatToParts(instant)
  return (parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT').replace('GMT', 'UTC').replace('-', '−')
}

/** `3–5 AM` */
export function windowHours(name: WindowName): string {
  return DAILY_WINDOWS[name].hours.replace('-', '–')
}

/** `44.2%` as a width for a bar. */
export function share(part: number, whole: number): string {
  return whole === 0 ? '0%' : `${Math.round((1000 * part) / whole) / 10}%`
}
