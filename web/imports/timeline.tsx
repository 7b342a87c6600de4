import { DAILY_WINDOWS, localDate, WINDOW_NAMES, type WindowName } from '../../model/daily-windows.ts'
import { zonedFormat } from '../../model/wording/zoned-format.ts'
import type { SlotOutcome } from '../../store/runs/import-figures.ts'
import { Icon, type IconName } from '../ui/components/icon.tsx'
import { Card, Scroll } from '../ui/components/parts.tsx'
import { dateTitle, daysBefore, figure, shortFigure, windowHours, zoneTitle } from '../ui/format.ts'
import { type ImportsView, TIMELINE_DAYS } from './view.ts'

/** On a narrow screen only the last days have room. */
const OLD_DAYS = TIMELINE_DAYS - 7

export function Timeline({ view }: { view: ImportsView }) {
  const { team, now, slots } = view
  const today = localDate(now, team.timeZone)
  const dates = Array.from({ length: TIMELINE_DAYS }, (_, index) => daysBefore(today, TIMELINE_DAYS - 1 - index))
  const byKey = new Map(slots.map((slot) => [`${slot.name} ${slot.date}`, slot]))
  const old = (index: number) => (index < OLD_DAYS ? 'old' : undefined)
  return (
    <Card
      id="timeline"
      title="Last 14 days"
      aside={<span class="small">Records imported per window, {zoneTitle(team.timeZone)}</span>}
    >
      <div class="card-b stack">
        <Scroll label="Windows of the last 14 days">
          <table class="cal">
            <colgroup>
              <col class="c0" />
            </colgroup>
            <thead>
              <tr>
                <th>
                  <span class="vh">Window</span>
                </th>
                {dates.map((date, index) => (
                  <th scope="col" class={date === today ? 'today' : old(index)}>
                    {dateTitle(date).slice(0, 3)}
                    <br />
                    {date === today && <span class="vh">today </span>}
                    {Number(date.slice(8))}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {WINDOW_NAMES.map((name) => (
                <tr>
                  <th scope="row">
                    {DAILY_WINDOWS[name].title}
                    <small>{windowHours(name)}</small>
                  </th>
                  {dates.map((date, index) => (
                    <td class={old(index)}>
                      <Cell view={view} name={name} date={date} slot={byKey.get(`${name} ${date}`) ?? null} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <Legend />
      </div>
    </Card>
  )
}

interface Look {
  tone: 'ok' | 'warn' | 'bad' | 'none' | 'now' | 'next'
  icon: IconName | null
  words: string
  count?: number
}

function lookOf(slot: SlotOutcome): Look {
  const { run } = slot
  if (slot.state === 'missed') return { tone: 'bad', icon: 'ban', words: 'missed, the server was not running' }
  if (slot.state === 'empty') return { tone: 'none', icon: 'minus', words: 'nothing arrived' }
  if (slot.state === 'waiting') return { tone: 'next', icon: 'clock', words: 'open, waiting for a file' }
  if (slot.state === 'skipped_overlap')
    return { tone: 'none', icon: 'pause', words: 'skipped, another run was in progress' }
  if (!run) return { tone: 'none', icon: 'minus', words: 'its run is no longer kept' }
  const words = `${figure(run.imported)} imported`
  switch (run.state) {
    case 'imported':
      return run.imported === 0
        ? { tone: 'none', icon: 'minus', words: '0 records' }
        : { tone: 'ok', icon: null, words, count: run.imported }
    case 'imported_with_errors':
      return {
        tone: run.imported === 0 ? 'bad' : 'warn',
        icon: 'bang',
        words: `${words}, with errors`,
        count: run.imported,
      }
    case 'queued':
    case 'running':
      return { tone: 'now', icon: null, words: 'running' }
    case 'held':
      return { tone: 'warn', icon: 'pause', words: 'held' }
    case 'nothing_to_import':
      return { tone: 'none', icon: 'minus', words: 'nothing to import' }
    case 'aborted':
      return { tone: 'none', icon: 'stop', words: 'stopped' }
    default:
      return { tone: 'bad', icon: 'x', words: run.state === 'rejected' ? 'not imported' : 'failed' }
  }
}

function Cell({
  view,
  name,
  date,
  slot,
}: {
  view: ImportsView
  name: WindowName
  date: string
  slot: SlotOutcome | null
}) {
  const { team, outlook, settings, now } = view
  const next = outlook.turns.find(({ isOpen }) => !isOpen)
  const where = `${DAILY_WINDOWS[name].title}, ${dateTitle(date)}`
  if (!slot) {
    if (next?.name === name && next.date === date)
      return (
        <span class="cell next" title={`${where}: next window`}>
          next
        </span>
      )
    const later =
      settings.schedule[name] && !outlook.pause && date === localDate(now, team.timeZone) && isAhead(view, name)
    return (
      <span class="cell off" title={`${where}: ${later ? 'later today' : 'off'}`}>
        <span class="vh">{later ? 'later today' : 'off'}</span>
      </span>
    )
  }
  const { tone, icon, words, count } = lookOf(slot)
  const content = (
    <>
      {icon && <Icon name={icon} />}
      {tone === 'now' && <span class="pulse" />}
      {count === undefined ? (
        <span class="vh">{words}</span>
      ) : (
        <>
          <span class="n">{shortFigure(count)}</span>
          {tone !== 'ok' && <span class="vh"> with errors</span>}
        </>
      )}
    </>
  )
  const title = `${where}: ${words}`
  return slot.run ? (
    <a class={`cell ${tone}`} href={`/teams/${team.team}/runs/${slot.run.id}`} title={title}>
      {content}
    </a>
  ) : (
    <span class={`cell ${tone}`} title={title}>
      {content}
    </span>
  )
}

const hourOfDay = zonedFormat('en-US', { hour: 'numeric', hourCycle: 'h23' })

function isAhead({ team, now }: ImportsView, name: WindowName): boolean {
  return Number(hourOfDay(now, team.timeZone)) < DAILY_WINDOWS[name].startHour
}

const LEGEND: readonly { tone: string; icon: IconName | null; words: string }[] = [
  { tone: 'warn', icon: 'bang', words: 'imported, some records had errors' },
  { tone: 'bad', icon: 'x', words: 'failed or not imported' },
  { tone: 'bad', icon: 'ban', words: 'missed: server was not running' },
  { tone: 'none', icon: 'minus', words: 'nothing arrived' },
  { tone: 'next', icon: 'clock', words: 'open, waiting for a file' },
  { tone: 'none', icon: 'pause', words: 'skipped: another run was in progress' },
  { tone: 'off', icon: null, words: 'window off' },
]

function Legend() {
  return (
    <div class="legend-row" aria-hidden="true">
      <span>
        <i class="cell ok wide">18k</i>imported
      </span>
      {LEGEND.map(({ tone, icon, words }) => (
        <span>
          <i class={`cell ${tone}`}>{icon && <Icon name={icon} />}</i>
          {words}
        </span>
      ))}
    </div>
  )
}
