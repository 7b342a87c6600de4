import type { Run } from '../../model/run.ts'
import { RunPanel } from '../runs/exports.ts'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { LiveLost } from '../ui/components/live-lost.tsx'
import { Card, Empty, Head } from '../ui/components/parts.tsx'
import { RunsTable, type Zone } from '../ui/components/runs-table.tsx'
import type { Frame } from '../ui/frame.ts'
import type { Fragment } from '../ui/live-looks.ts'
import { shell } from '../ui/shell.tsx'
import { Figures } from './figures.tsx'
import { ImportNotes } from './notes.tsx'
import { Setup } from './setup.tsx'
import { Timeline } from './timeline.tsx'
import type { ImportsView, SetupSteps } from './view.ts'
import { WaitingFiles } from './waiting-files.tsx'

export function importsPage(frame: Frame, view: ImportsView, setup: SetupSteps | null) {
  const { team, going } = view
  const base = `/teams/${team.team}`
  return shell({
    title: 'Imports',
    frame,
    here: 'imports',
    scripts: ['live'],
    live: `${base}/imports/live`,
    refreshSeconds: going ? 5 : null,
    children: (
      <>
        <Head
          crumbs={[{ label: team.name }, { label: 'FTP Integration' }]}
          title="Imports"
          acts={
            <>
              <a class="btn quiet" href={`${base}/configure`}>
                <Icon name="config" />
                Configure Imports
              </a>
              {view.ready ? (
                <a class="btn" href={`${base}/manual-import`}>
                  <Icon name="upload" />
                  Manual Import
                </a>
              ) : (
                <button class="btn" type="button" disabled title={NOT_MAPPED}>
                  <Icon name="upload" />
                  Manual Import
                </button>
              )}
              <RunImport view={view} />
            </>
          }
        />
        <LiveLost timeZone={view.team.timeZone} />
        {setup && <Setup steps={setup} team={team} zone={{ timeZone: team.timeZone, now: view.now }} />}
        {importsFragments(view).map(([, fragment]) => fragment)}
      </>
    ),
  })
}

const SHOWN_AFTER_END_MS = 60_000

/** A run whose end people who watch it want to see. */
function justEnded({ runs: [last], now }: ImportsView): Run | null {
  const isRecent = last?.finishedAt && now.getTime() - Date.parse(last.finishedAt) < SHOWN_AFTER_END_MS
  return isRecent ? last : null
}

const NOT_MAPPED = 'The four required fields are not mapped yet.'

/** The live parts of the page, by their ids. */
export function liveFragments(view: ImportsView): Fragment[] {
  return [['run-import', <RunImport view={view} />], ...importsFragments(view)]
}

/** Those below the head of the page. */
function importsFragments(view: ImportsView): Fragment[] {
  const { team, runs, ready } = view
  const begun = ready || runs.length > 0
  const zone = { timeZone: team.timeZone, now: view.now }
  const waiting: Fragment[] = ready || view.files.length > 0 ? [['waiting', <WaitingFiles view={view} />]] : []
  const timeline: Fragment[] = ready ? [['timeline', <Timeline view={view} />]] : []
  return [
    ['run-panel', <RunPanel run={view.going ?? justEnded(view)} team={team} zone={zone} progress={view.progress} />],
    ...(begun ? ([['figures', <Figures view={view} />]] satisfies Fragment[]) : []),
    ['notes', <ImportNotes view={view} />],
    ...waiting,
    ...timeline,
    ...(begun ? ([['latest', <Latest view={view} zone={zone} />]] satisfies Fragment[]) : []),
  ]
}

function Latest({ view: { team, runs }, zone }: { view: ImportsView; zone: Zone }) {
  return (
    <Card
      id="latest"
      title="Latest runs"
      aside={
        <a class="small" href={`/teams/${team.team}/runs`}>
          All runs
        </a>
      }
    >
      {runs.length === 0 ? (
        <Empty icon="imports" title="No run yet">
          A run starts when a daily window opens, or with Run Import.
        </Empty>
      ) : (
        <RunsTable runs={runs} team={team.team} zone={zone} />
      )}
    </Card>
  )
}

/** The button, with the reason if it is disabled. */
export function RunImport({ view }: { view: Pick<ImportsView, 'team' | 'ready' | 'going'> }) {
  const reason = !view.ready ? NOT_MAPPED : view.going ? 'A run is in progress.' : null
  return (
    <Form action="/run-import" id="run-import">
      <input type="hidden" name="team" value={view.team.team} />
      <button class={reason ? 'btn' : 'btn primary'} type="submit" {...(reason && { disabled: true, title: reason })}>
        <Icon name="play" />
        Run Import
      </button>
    </Form>
  )
}
