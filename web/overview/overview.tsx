import { Icon } from '../ui/components/icon.tsx'
import { Empty, Fig, Head, Note } from '../ui/components/parts.tsx'
import { clock, counted, day, figure, moment, roughly, size, windowHours, zoneTitle } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { Teams } from './overview-teams.tsx'
import type { TeamOverview } from './view.ts'

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
              title="No teams yet"
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

/** The current time in the zone of the teams; in UTC if their zones differ. */
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
      {problem?.message} {!held && 'The file is still in place.'}
    </Note>
  )
}

function Today({ teams, now }: { teams: readonly TeamOverview[]; now: Date }) {
  const sum = (of: (figures: TeamOverview['figures']) => number) =>
    teams.reduce((total, { figures }) => total + of(figures), 0)
  const waiting = teams.map((team) => team.waiting)
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
          waiting.reduce((total, { files }) => total + files, 0),
          'file',
        )}
        small={uploading > 0 ? `+ ${uploading} uploading` : undefined}
      >
        {size(waiting.reduce((total, { bytes }) => total + bytes, 0))}
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
