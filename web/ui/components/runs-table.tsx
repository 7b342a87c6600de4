import { DAILY_WINDOWS } from '../../../model/daily-windows.ts'
import type { Run } from '../../../model/run.ts'
import { counted, duration, figure } from '../format.ts'
import { RunBadge, runTotals } from './run-badge.tsx'
import { Time } from './time.tsx'

/** The person or window that started a run. */
export function startedBy(run: Run): string {
  if (run.window) return `${DAILY_WINDOWS[run.window.name].title} window`
  return run.trigger === 'manual' ? `Manual Import, ${run.requestedBy}` : (run.requestedBy ?? 'the end of an upload')
}

export interface Zone {
  timeZone: string
  now: Date
}

export function RunsTable({ runs, team, zone }: { runs: readonly Run[]; team: string; zone: Zone }) {
  return (
    <div class="tw">
      <table class="tbl cards">
        <thead>
          <tr>
            <th>Run</th>
            <th>Started</th>
            <th>Started by</th>
            <th>File</th>
            <th class="num">Imported</th>
            <th class="num">Created</th>
            <th class="num">Errors</th>
            <th class="num">Took</th>
            <th>Result</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunLine run={run} team={team} zone={zone} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function RunLine({ run, team, zone }: { run: Run; team: string; zone: Zone }) {
  const { imported, created, rejected } = runTotals(run)
  const [first, ...others] = run.batches
  const took = run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null
  return (
    <tr class="link">
      <th scope="row">
        <a class="rowlink" href={`/teams/${team}/runs/${run.id}`}>
          #{run.number}
        </a>
      </th>
      <td data-l="Started" class="nowrap">
        <Time at={new Date(run.startedAt ?? run.createdAt)} {...zone} />
      </td>
      <td data-l="Started by" class="soft hide-s">
        {startedBy(run)}
      </td>
      <td data-l="File">
        {!first ? (
          <span class="muted">none</span>
        ) : others.length > 0 ? (
          <span class="soft">{counted(run.batches.length, 'file')}</span>
        ) : (
          <span class="mono">{first.fileName}</span>
        )}
      </td>
      <td data-l="Imported" class={imported === 0 ? 'num zero' : 'num'}>
        {figure(imported)}
      </td>
      <td data-l="Created" class={`num hide-s${created === 0 ? ' zero' : ''}`}>
        {figure(created)}
      </td>
      <td data-l="Errors" class={rejected === 0 ? 'num zero' : 'num t-warn'}>
        {rejected === 0 ? '0' : <b>{figure(rejected)}</b>}
      </td>
      <td data-l="Took" class="num soft hide-s">
        {took === null ? '' : duration(took)}
      </td>
      <td data-l="Result" class="end">
        <RunBadge run={run} />
      </td>
    </tr>
  )
}
