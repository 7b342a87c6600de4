import { localTime } from '../../model/daily-windows.ts'
import type { Batch, Run, RunTrigger } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { RunBadge } from './run-badge.tsx'
import { shell } from './shell.tsx'

export interface OverviewPage {
  stylesheet: string
  email: string
  teams: readonly { team: Team; runs: readonly Run[] }[]
  /** Where the list of teams goes on. */
  next: string | null
}

const TRIGGERS: Record<RunTrigger, string> = {
  scheduled: 'Schedule',
  on_demand: 'Run Import',
  manual: 'Manual Import',
}

export function overviewPage({ stylesheet, email, teams, next }: OverviewPage) {
  return shell({
    title: 'Overview',
    stylesheet,
    email,
    children: (
      <>
        <header class="head">
          <div class="grow">
            <h1>Overview</h1>
          </div>
        </header>
        {teams.length === 0 && (
          <section class="card">
            <div class="empty">
              <h2>No team yet</h2>
              <p>Each team has its own FTP accounts, import settings and contacts. Its imports will be listed here.</p>
            </div>
          </section>
        )}
        {teams.map(({ team, runs }) => (
          <TeamCard team={team} runs={runs} />
        ))}
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

function TeamCard({ team, runs }: { team: Team; runs: readonly Run[] }) {
  const heading = `team-${team.team}`
  return (
    <section class="card" aria-labelledby={heading}>
      <header>
        <h2 id={heading} class="grow">
          {team.name}
        </h2>
        <span class="small">{team.timeZone}</span>
      </header>
      {runs.length === 0 ? (
        <div class="empty">
          <p>No run yet. A run starts when a daily window opens, or with Run Import.</p>
        </div>
      ) : (
        <div class="tw">
          <table class="tbl cards">
            <thead>
              <tr>
                <th>Run</th>
                <th>Result</th>
                <th>Started by</th>
                <th>File</th>
                <th>When</th>
                <th class="num">Imported</th>
                <th class="num">Created</th>
                <th class="num">Updated</th>
                <th class="num">Unchanged</th>
                <th class="num">Errors</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <RunLine run={run} timeZone={team.timeZone} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function RunLine({ run, timeZone }: { run: Run; timeZone: string }) {
  const when = run.startedAt ?? run.createdAt
  const imported = sum(run, 'imported')
  return (
    <tr>
      <th scope="row">{run.number}</th>
      <td class="end">
        <RunBadge state={run.state} imported={imported} />
      </td>
      <td data-l="Started by">{TRIGGERS[run.trigger]}</td>
      <td data-l="File">
        {run.batches.length === 0 ? (
          <span class="muted">none</span>
        ) : (
          run.batches.map((batch) => (
            <div class="mono" title={batch.path}>
              {batch.fileName}
            </div>
          ))
        )}
      </td>
      <td data-l="When" class="nowrap">
        <time datetime={when} title={when}>
          {localTime(new Date(when), timeZone)}
        </time>
      </td>
      <Figure label="Imported" value={imported} />
      <Figure label="Created" value={sum(run, 'created')} />
      <Figure label="Updated" value={sum(run, 'updated')} />
      <Figure label="Unchanged" value={sum(run, 'unchanged')} />
      <Figure label="Errors" value={sum(run, 'rejected')} />
    </tr>
  )
}

function Figure({ label, value }: { label: string; value: number }) {
  return (
    <td data-l={label} class={value === 0 ? 'num zero' : 'num'}>
      {value.toLocaleString('en-US')}
    </td>
  )
}

function sum(run: Run, count: keyof Batch['counts']): number {
  return run.batches.reduce((total, batch) => total + batch.counts[count], 0)
}
