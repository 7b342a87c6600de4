import type { RunState } from '../../model/run.ts'
import { Badge } from '../ui/components/parts.tsx'
import { runTotals } from '../ui/components/run-badge.tsx'
import { Time } from '../ui/components/time.tsx'
import { counted, day, figure, roughly, windowHours } from '../ui/format.ts'
import type { TeamOverview } from './view.ts'

/** All teams, those in trouble first. */
export function Teams({ teams, now }: { teams: readonly TeamOverview[]; now: Date }) {
  return (
    <section class="card" aria-labelledby="teams-h">
      <header>
        <h2 id="teams-h" class="grow">
          Teams
        </h2>
        <span class="small">Trouble first</span>
      </header>
      <div class="tw">
        <table class="tbl cards">
          <thead>
            <tr>
              <th>Team</th>
              <th>State</th>
              <th>Last import</th>
              <th>Next window</th>
              <th class="num">Waiting</th>
              <th class="num">Errors, 7 days</th>
              <th>Last 14 windows</th>
            </tr>
          </thead>
          <tbody>
            {teams.map((overview) => (
              <TeamLine overview={overview} now={now} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function TeamLine({ overview, now }: { overview: TeamOverview; now: Date }) {
  const { team, figures, waiting, last, unusual, next, pause, mapped, contacts } = overview
  const zone = { timeZone: team.timeZone, now }
  return (
    <tr class="link">
      <th scope="row">
        <a class="rowlink" href={`/teams/${team.team}/imports`}>
          {team.name}
        </a>
        <p class="xs muted">
          {!mapped ? (
            <a class="tall" href={`/teams/${team.team}/configure`}>
              Finish the setup
            </a>
          ) : (
            contacts !== null && counted(contacts, 'contact')
          )}
        </p>
      </th>
      <td class="end">
        <StateBadge overview={overview} now={now} />
      </td>
      <td data-l="Last import">
        {last ? (
          <span>
            <Time at={new Date(last.startedAt ?? last.createdAt)} {...zone} />
            <span class="xs muted hide-s block">{figure(runTotals(last).imported)} imported</span>
            {unusual && (
              <a class="xs tall block t-warn" href={`/teams/${team.team}/figures`}>
                {counted(unusual.records, 'record')}, usually {figure(unusual.usual)}
              </a>
            )}
          </span>
        ) : (
          <span class="muted">never</span>
        )}
      </td>
      <td data-l="Next window" class="nowrap">
        {next ? (
          <span>
            {windowHours(next.name)}
            <span class="xs muted hide-s block">
              {nextDay(day(next.opensAt, team.timeZone, now))}, in {roughly(next.opensAt.getTime() - now.getTime())}
              {pause && '; paused until then'}
            </span>
          </span>
        ) : (
          <span class="muted">none</span>
        )}
      </td>
      <td data-l="Waiting" class="num">
        {waiting.files === 0 ? <span class="muted">none</span> : counted(waiting.files, 'file')}
      </td>
      <td data-l="Errors, 7 days" class={figures.rejectedInWeek === 0 ? 'num zero' : 'num'}>
        {figure(figures.rejectedInWeek)}
      </td>
      <td data-l="Last 14 windows">
        <Strip windows={figures.windows} />
      </td>
    </tr>
  )
}

function StateBadge({ overview: { state, last, figures, percent }, now }: { overview: TeamOverview; now: Date }) {
  switch (state) {
    case 'failed':
      return last?.state === 'held' ? (
        <Badge tone="warn" icon="pause">
          Held
        </Badge>
      ) : (
        <Badge tone="bad" icon="x">
          Failed
        </Badge>
      )
    case 'silent':
      return (
        <Badge tone="warn" icon="clock">
          No file for {roughly(now.getTime() - (figures.lastArrival ?? now).getTime())}
        </Badge>
      )
    case 'errors':
      return (
        <Badge tone="warn" icon="bang">
          {counted(last ? runTotals(last).rejected : 0, 'error')}
        </Badge>
      )
    case 'running':
      return (
        <Badge tone="run" icon={null}>
          Running{percent !== null && `, ${percent}%`}
        </Badge>
      )
    case 'good':
      return last ? (
        <Badge
          tone={runTotals(last).imported > 0 ? 'ok' : 'plain'}
          icon={runTotals(last).imported > 0 ? 'check' : 'minus'}
        >
          {runTotals(last).imported > 0 ? 'Good' : '0 records'}
        </Badge>
      ) : (
        <Badge tone="plain" icon="clock">
          No import yet
        </Badge>
      )
    case 'setup':
      return (
        <Badge tone="plain" icon="config">
          Setting up
        </Badge>
      )
  }
}

const STRIP: Record<RunState, 'ok' | 'warn' | 'bad' | 'none'> = {
  queued: 'none',
  running: 'none',
  imported: 'ok',
  imported_with_errors: 'warn',
  rejected: 'bad',
  failed: 'bad',
  held: 'warn',
  nothing_to_import: 'none',
  aborted: 'none',
}

function Strip({ windows }: { windows: TeamOverview['figures']['windows'] }) {
  if (windows.length === 0) return <span class="muted">none yet</span>
  const looks = windows.map(({ state, run }) => (state === 'missed' ? 'bad' : run ? STRIP[run] : 'none'))
  const good = looks.filter((look) => look === 'ok').length
  return (
    <span class="strip" role="img" aria-label={`${good} of the last ${windows.length} windows imported without errors`}>
      {looks.map((look) => (
        <i class={look} />
      ))}
    </span>
  )
}

/** `today` and `tomorrow` within a sentence; a date as it is. */
function nextDay(title: string): string {
  return title === 'Today' || title === 'Tomorrow' ? title.toLowerCase() : title
}
