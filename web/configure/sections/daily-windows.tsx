import type { Child } from 'hono/jsx'
import { DAILY_WINDOWS, WINDOW_NAMES } from '../../../model/daily-windows.ts'
import { DAY_MS } from '../../../model/time.ts'
import { zonedFormat } from '../../../model/wording/zoned-format.ts'
import { Card } from '../../ui/components/parts.tsx'
import { clock, offset, share, windowHours, zoneTitle } from '../../ui/format.ts'
import type { ConfigureView } from '../view.ts'

const SWITCH = { role: 'switch' } as const

const AXIS: readonly [number, string][] = [
  [0, '12 AM'],
  [3, '3'],
  [6, '6'],
  [9, '9'],
  [12, '12 PM'],
  [15, '3'],
  [18, '6'],
  [21, '9'],
  [24, '12 AM'],
]

export function Schedule({ view }: { view: ConfigureView }) {
  const { draft, team, now, openNow } = view
  return (
    <Card
      id="schedule"
      help="/help/administrators#when-a-file-is-imported"
      title="Schedule"
      wideTitle={false}
      aside={<span class="small grow">Up to {WINDOW_NAMES.length} imports a day</span>}
    >
      <div class="card-b stack">
        <Day view={view} />
        <div class="wins">
          {WINDOW_NAMES.map((name) => (
            <label>
              <input
                class="switch"
                type="checkbox"
                {...SWITCH}
                id={`schedule-${name}`}
                name={`schedule.${name}`}
                checked={draft.schedule[name]}
              />
              <span>
                {DAILY_WINDOWS[name].title}
                <small>{windowHours(name)}</small>
              </span>
            </label>
          ))}
        </div>
        {openNow && (
          <p class="small t-warn">
            The {DAILY_WINDOWS[openNow.name].title} window is open now. If you turn it on and a file is waiting,{' '}
            {openNow.startsAt > now
              ? `the import starts at ${clock(openNow.startsAt, team.timeZone)}.`
              : 'the import starts as soon as you save.'}
          </p>
        )}
        <p class="small muted">
          {view.arrivals.length > 0 && 'Small marks show arrivals of the last 14 days. '}
          Times are {zoneTitle(team.timeZone)} ({offset(team.timeZone, now)}). {clockChange(team.timeZone, now)}
        </p>
      </div>
    </Card>
  )
}

function Day({ view: { draft, arrivals, hour, now, team } }: { view: ConfigureView }) {
  const on = WINDOW_NAMES.filter((name) => draft.schedule[name]).map(
    (name) => `${DAILY_WINDOWS[name].title} ${windowHours(name)}`,
  )
  const label = `Day from midnight to midnight. On: ${on.join(', ') || 'no window'}.`
  return (
    <div class="day" role="img" aria-label={label} id="day" data-fragment>
      <div class="day-track">
        {WINDOW_NAMES.map((name) => (
          <At hour={DAILY_WINDOWS[name].startHour}>
            <span class={draft.schedule[name] ? 'win on' : 'win off'}>
              <span>{DAILY_WINDOWS[name].title}</span>
            </span>
          </At>
        ))}
        <At hour={hour}>
          <span class={hour > 20 ? 'day-now late' : 'day-now'}>
            <span>{clock(now, team.timeZone)}</span>
          </span>
        </At>
      </div>
      <svg class="arrivals" aria-hidden="true">
        {arrivals.map((at) => (
          <rect x={ofDay(at)} />
        ))}
      </svg>
      <div class="day-axis">
        {AXIS.map(([at, title]) => (
          <At hour={at}>
            <span {...(at % 6 !== 0 && { class: 'mid' })}>{title}</span>
          </At>
        ))}
      </div>
    </div>
  )
}

/** Places its child at an hour of the day, by an empty SVG before it: the pages allow no inline styles. */
function At({ hour, children }: { hour: number; children: Child }) {
  return (
    <span class="at">
      <svg width={ofDay(hour)} />
      {children}
    </span>
  )
}

function ofDay(hour: number): string {
  return share(hour, 24)
}

const LOOK_AHEAD_DAYS = 200

const monthAndDay = zonedFormat('en-US', { month: 'short', day: 'numeric' })

/** The next clock change within half a year. */
function clockChange(timeZone: string, now: Date): string {
  const today = offset(timeZone, now)
  for (let days = 1; days <= LOOK_AHEAD_DAYS; days++) {
    const at = new Date(now.getTime() + days * DAY_MS)
    const then = offset(timeZone, at)
    if (then === today) continue
    return `Clocks change on ${monthAndDay(at, timeZone)} (to ${then}); windows keep their local hours.`
  }
  return ''
}
