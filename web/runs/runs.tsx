import type { Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { linkTo, Pager } from '../ui/components/pager.tsx'
import { Card, Head } from '../ui/components/parts.tsx'
import { RunsTable } from '../ui/components/runs-table.tsx'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'

/** All runs of a team, newest first. */
export function runsPage(
  frame: Frame,
  view: { team: Team; runs: Run[]; next: string | null; state: string; before: string | null },
) {
  const { team, runs, next, state } = view
  const base = `/teams/${team.team}`
  const path = `${base}/runs`
  const filters: [string, string][] = [
    ['', 'All'],
    ['trouble', 'Trouble'],
    ['scheduled', 'Windows'],
    ['on_demand', 'Run Import'],
    ['manual', 'Manual Import'],
  ]
  return shell({
    title: 'Runs',
    frame,
    here: 'imports',
    children: (
      <>
        <Head
          crumbs={[
            { label: team.name, href: `${base}/imports` },
            { label: 'Imports', href: `${base}/imports` },
          ]}
          title="Runs"
        />
        <nav class="filters" aria-label="Which runs">
          <div class="seg">
            {filters.map(([value, title]) => (
              <a href={linkTo(path, { show: value })} {...(value === state && { 'aria-current': 'true' as const })}>
                {title}
              </a>
            ))}
          </div>
        </nav>
        <Card id="runs" title="Runs">
          {runs.length === 0 ? (
            <div class="empty">
              <p>No run of this kind.</p>
            </div>
          ) : (
            <RunsTable runs={runs} team={team.team} zone={{ timeZone: team.timeZone, now: frame.now }} />
          )}
          <Pager
            first={view.before === null ? null : { href: linkTo(path, { show: state }), title: 'Newest' }}
            on={next === null ? null : { href: linkTo(path, { before: next, show: state }), title: 'Older' }}
          >
            {runs.length > 0 && `#${runs.at(-1)?.number} to #${runs[0]?.number}`}
          </Pager>
        </Card>
      </>
    ),
  })
}
