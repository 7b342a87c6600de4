import { waitsForTurn } from '../../ingest/choosing/fate-uses.ts'
import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import { Fig } from '../ui/components/parts.tsx'
import { runTotals } from '../ui/components/run-badge.tsx'
import { clock, counted, day, figure, moment, roughly, size, windowHours } from '../ui/format.ts'
import type { ImportsView } from './view.ts'

export function Figures({ view }: { view: ImportsView }) {
  const { contacts } = view
  return (
    <dl class="figs" id="figures">
      <NextWindow view={view} />
      <Waiting view={view} />
      <LastRun view={view} />
      <Fig label="Contacts" value={figure(contacts.contacts)}>
        {figure(contacts.optedOut)} opted out
      </Fig>
    </dl>
  )
}

function NextWindow({ view: { outlook, team, now } }: { view: ImportsView }) {
  const { turns, had, pause } = outlook
  const [next] = turns
  if (next?.isOpen)
    return next.startsAt > now ? (
      <Fig
        label="Window"
        value={`Starts in ${roughly(next.startsAt.getTime() - now.getTime())}`}
        small={windowHours(next.name)}
      >
        {DAILY_WINDOWS[next.name].title}, at {clock(next.startsAt, team.timeZone)}
      </Fig>
    ) : (
      <Fig label="Window" value="Open now" small={windowHours(next.name)}>
        {DAILY_WINDOWS[next.name].title}, for another {roughly(next.closesAt.getTime() - now.getTime())}
      </Fig>
    )
  if (!next)
    return (
      <Fig label="Next window" value="None">
        All windows are off
      </Fig>
    )
  const when = next.opensAt.getTime() - now.getTime()
  const date = day(next.opensAt, team.timeZone, now)
  return (
    <Fig label="Next window" value={`in ${roughly(when)}`} small={windowHours(next.name)}>
      {DAILY_WINDOWS[next.name].title}, {date.length > 8 ? date : date.toLowerCase()}
      {pause ? '; paused until then' : had && `; ${DAILY_WINDOWS[had.name].title} has run today`}
    </Fig>
  )
}

function Waiting({ view: { files } }: { view: ImportsView }) {
  const ready = files.filter(({ fate }) => waitsForTurn(fate))
  const uploading = files.filter(({ candidate }) => candidate.state === 'receiving')
  const bytes = ready.reduce((sum, { candidate }) => sum + candidate.bytes, 0)
  return (
    <Fig
      label="Waiting files"
      value={`${figure(ready.length)} ready`}
      small={uploading.length > 0 ? `+ ${uploading.length} uploading` : undefined}
    >
      {ready.length === 0 ? 'Nothing to import now' : `${size(bytes)} in all`}
    </Fig>
  )
}

function LastRun({ view: { last, team, now } }: { view: ImportsView }) {
  if (!last)
    return (
      <Fig label="Last run" value="None yet">
        No file has been imported
      </Fig>
    )
  const { imported, rejected } = runTotals(last)
  return (
    <Fig label="Last run" value={`${figure(imported)} imported`}>
      {moment(new Date(last.startedAt ?? last.createdAt), team.timeZone, now)}
      {rejected > 0 && (
        <>
          {', '}
          <a href={`/teams/${team.team}/runs/${last.id}`} class="t-warn">
            {counted(rejected, 'error')}
          </a>
        </>
      )}
    </Fig>
  )
}
