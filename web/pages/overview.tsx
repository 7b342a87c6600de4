import type { RunState } from '../../model/run.ts'
import type { Frame } from '../frame.ts'
import type { TeamOverview } from '../team-overview.ts'
import { Icon } from './components/icon.tsx'
import { Badge, Empty, Fig, Head, Note } from './components/parts.tsx'
import { runTotals } from './components/run-badge.tsx'
import { Time } from './components/time.tsx'
import { clock, counted, day, figure, moment, roughly, size, windowHours, zoneTitle } from './format.ts'
import { shell } from './shell.tsx'

export function overviewPage(frame: Frame, teams: readonly TeamOverview[], next: string | null) {
  return shell({
    title: 'Overview',
    frame,
    here: '/',
    children: (
      <>
        <Head
          title="Overview"
          sub={<Now teams={teams} now={frame.now} />}
          acts={
            frame.owner && (
              <a class="btn" href="/teams#new">
                <Icon name="plus" />
                New team
              </a>
            )
          }
        />
        {teams.length === 0 ? (
          <section class="card">
            <Empty
              alone
              icon="inbox"
              title="No team yet"
              acts={
                frame.owner && (
                  <a class="btn sm" href="/teams#new">
                    New team
                  </a>
                )
              }
            >
              Each team has its own FTP accounts, import settings and contacts. Its imports will be listed here.
            </Empty>
          </section>
        ) : (
          <>
            <Attention teams={teams} now={frame.now} />
            <Today teams={teams} now={frame.now} />
            <Teams teams={teams} now={frame.now} />
          </>
        )}
        {next !== null && (
          <p>
            <a class="btn" href={`/?after=${encodeURIComponent(next)}`}>
              Show more teams
            </a>
          </p>
        )}
      </>
    ),
  })
}

/** The present time where all teams have the same; else in UTC. */
function Now({ teams, now }: { teams: readonly TeamOverview[]; now: Date }) {
  const [zone = 'UTC', ...others] = new Set(teams.map(({ team }) => team.timeZone))
  const timeZone = others.length > 0 ? 'UTC' : zone
  return (
    <>
      {day(new Date(now.getTime()), timeZone, new Date(0))}, {clock(now, timeZone)} {zoneTitle(timeZone)}
    </>
  )
}

function Attention({ teams, now }: { teams: readonly TeamOverview[]; now: Date }) {
  const notes = teams.filter(({ state }) => state === 'failed' || state === 'silent')
  if (notes.length === 0) return null
  return (
    <section class="stack-2" aria-label="Needs attention">
      {notes.map((overview) => (
        <TroubleNote overview={overview} now={now} />
      ))}
    </section>
  )
}

function TroubleNote({ overview: { team, state, last, figures }, now }: { overview: TeamOverview; now: Date }) {
  const base = `/teams/${team.team}`
  if (state === 'silent')
    return (
      <Note
        tone="warn"
        icon="warn"
        title={`${team.name}: no file for ${roughly(now.getTime() - (figures.lastArrival ?? now).getTime())}.`}
        acts={
          <a class="btn sm" href={`${base}/ftp-accounts`}>
            See the accounts
          </a>
        }
      >
        Its last upload began {moment(figures.lastArrival ?? now, team.timeZone, now)}.
      </Note>
    )
  const held = last?.state === 'held'
  const problem = last?.batches.find(({ problem }) => problem)?.problem
  return (
    <Note
      tone={held ? 'warn' : 'bad'}
      icon={held ? 'pause' : 'err'}
      title={`${team.name}: ${held ? 'a file is held.' : 'the last run imported nothing.'}`}
      acts={
        problem?.code === 'F_COLUMN_MISSING' ? (
          <a class="btn sm" href={`${base}/configure#map`}>
            Fix the mapping
          </a>
        ) : (
          <a class="btn sm" href={`${base}/runs/${last?.id}`}>
            See the run
          </a>
        )
      }
    >
      {problem?.message} {!held && 'The file is still in its place.'}
    </Note>
  )
}

function Today({ teams, now }: { teams: readonly TeamOverview[]; now: Date }) {
  const sum = (of: (figures: TeamOverview['figures']) => number) =>
    teams.reduce((total, { figures }) => total + of(figures), 0)
  const uploading = sum(({ uploading }) => uploading)
  const next = teams
    .flatMap(({ next, team }) => (next ? [{ ...next, team }] : []))
    .sort((a, b) => a.opensAt.getTime() - b.opensAt.getTime())
  const [first] = next
  return (
    <dl class="figs">
      <Fig label="Imported in 24 hours" value={figure(sum((f) => f.importedToday))} small="records">
        {counted(
          sum((f) => f.runsToday),
          'run',
        )}
      </Fig>
      <Fig label="Errors in 24 hours" value={figure(sum((f) => f.rejectedToday))} small="records">
        {counted(teams.filter(({ figures }) => figures.rejectedToday > 0).length, 'team')}
      </Fig>
      <Fig
        label="Waiting now"
        value={counted(
          sum((f) => f.waiting),
          'file',
        )}
        small={uploading > 0 ? `+ ${uploading} uploading` : undefined}
      >
        {size(sum((f) => f.waitingBytes))}
      </Fig>
      {first ? (
        <Fig
          label="Next window"
          value={`in ${roughly(first.opensAt.getTime() - now.getTime())}`}
          small={windowHours(first.name)}
        >
          {counted(next.filter(({ opensAt }) => opensAt.getTime() === first.opensAt.getTime()).length, 'team')}
        </Fig>
      ) : (
        <Fig label="Next window" value="None">
          All windows are off
        </Fig>
      )}
    </dl>
  )
}

function Teams({ teams, now }: { teams: readonly TeamOverview[]; now: Date }) {
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
  const { team, figures, last, next, mapped, contacts } = overview
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
            </span>
          </span>
        ) : (
          <span class="muted">none</span>
        )}
      </td>
      <td data-l="Waiting" class="num">
        {figures.waiting === 0 ? <span class="muted">none</span> : counted(figures.waiting, 'file')}
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
