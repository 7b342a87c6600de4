import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import { isAtWork, isFinished } from '../../model/run.ts'
import { OutcomeBar } from '../ui/components/bar.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { LiveLost } from '../ui/components/live-lost.tsx'
import { Head } from '../ui/components/parts.tsx'
import { RunBadge, runTotals } from '../ui/components/run-badge.tsx'
import { startedBy } from '../ui/components/runs-table.tsx'
import { clock, counted, duration, figure, momentWithin, size, zoneTitle } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { Errors, Warnings } from './errors.tsx'
import { Batches, RunFiles, RunSettings } from './facts.tsx'
import { RunNotes } from './notes.tsx'
import { RunPanel } from './panel.tsx'
import { Mails, Steps } from './steps.tsx'
import { UndoLink } from './undo.tsx'
import type { RunView } from './view.ts'

export function runPage(frame: Frame, view: RunView) {
  const { team, run } = view
  const base = `/teams/${team.team}`
  const going = isAtWork(run)
  const { rejected } = runTotals(run)
  const [only] = run.batches.filter(({ counts }) => counts.rejected > 0)
  const [first, ...rest] = run.batches
  return shell({
    title: `Run #${run.number}`,
    frame,
    here: 'imports',
    ...(going && { scripts: ['live'], live: `${base}/runs/${run.id}/live` }),
    refreshSeconds: going ? 5 : null,
    children: (
      <>
        <Head
          crumbs={[
            { label: team.name, href: `${base}/imports` },
            { label: 'Imports', href: `${base}/imports` },
            { label: 'Runs', href: `${base}/runs` },
          ]}
          title={
            <>
              Run #{run.number} <RunBadge run={run} />
            </>
          }
          sub={<When view={view} />}
          acts={
            <>
              <Form action="/run-import">
                <input type="hidden" name="team" value={team.team} />
                <button class="btn" type="submit" disabled={going}>
                  <Icon name="play" />
                  Run Import
                </button>
              </Form>
              {first && rest.length === 0 && <UndoLink batch={first} base={`${base}/runs/${run.id}`} />}
              {rejected > 0 && only && only.errorsKept > 0 && (
                <a class="btn primary" href={`/api/batches/${only.id}/errors.csv`} download>
                  <Icon name="dl" />
                  Download error file
                </a>
              )}
            </>
          }
        />
        {going && <LiveLost timeZone={team.timeZone} />}
        <RunPanel
          run={going ? run : null}
          team={team}
          zone={{ timeZone: team.timeZone, now: view.now }}
          progress={view.progress ?? null}
        />
        <RunNotes view={view} />
        {isFinished(run.state) && run.batches.length > 0 && <Result view={view} />}
        <div class="split">
          <div class="stack sections">
            {view.errors.length > 0 && <Errors view={view} />}
            <Warnings view={view} />
            {run.batches.length > 0 && <Batches view={view} />}
            {run.files.length > 0 && <RunFiles view={view} />}
            {view.settings && <RunSettings view={view} settings={view.settings} />}
          </div>
          <div class="stack sections">
            <Steps view={view} />
            {view.mails.length > 0 && <Mails view={view} />}
          </div>
        </div>
      </>
    ),
  })
}

function When({ view: { run, team, now } }: { view: RunView }) {
  const started = new Date(run.startedAt ?? run.createdAt)
  const who = run.window ? `${DAILY_WINDOWS[run.window.name].title} window` : `Started by ${startedBy(run)}`
  const end = run.finishedAt ? ` to ${clock(new Date(run.finishedAt), team.timeZone, true)}` : ''
  const [batch] = run.batches
  return (
    <>
      {who}, {momentWithin(started, team.timeZone, now)}
      {end}, {zoneTitle(team.timeZone)}.{batch && ` Settings version ${batch.settingsVersion}.`}
    </>
  )
}

function Result({ view: { run, team } }: { view: RunView }) {
  const totals = runTotals(run)
  const { records, created, updated, unchanged, rejected, superseded, imported, optedOut, optedIn } = totals
  const bytes = run.batches.reduce((sum, batch) => sum + batch.bytes, 0)
  const took = run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null
  // The note above gives the reason.
  if (records === 0 && !run.state.startsWith('imported')) return null
  const label = `${created} created, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected, ${superseded} superseded`
  return (
    <section class="card" aria-label="Result">
      <div class="card-b stack">
        <div class="row between">
          <p>
            <span class="huge">{figure(imported)}</span>{' '}
            <span class="soft">of {counted(records, 'record')} imported</span>
          </p>
          <p class="small muted">
            {size(bytes)}
            {took !== null && `, ${duration(took)}`}, {counted(run.batches.length, 'batch', 'batches')}
          </p>
        </div>
        <OutcomeBar counts={totals} label={label} />
        <div class="key">
          <Key swatch="new" value={created} word="created" />
          <Key swatch="chg" value={updated} word="updated" />
          <Key swatch="same" value={unchanged} word="unchanged" />
          <span class="muted">{figure(superseded)} superseded</span>
          <Key swatch="err" value={rejected} word="rejected" />
          <span class="grow" />
          {optedOut + optedIn > 0 && (
            <span class="muted">
              {figure(optedOut)} opted out, {figure(optedIn)} opted in
            </span>
          )}
          {created + updated > 0 && run.batches.some(({ state }) => state !== 'undone') && (
            <a href={`/teams/${team.team}/contacts?run=${run.number}`}>See the contacts</a>
          )}
        </div>
      </div>
    </section>
  )
}

function Key({ swatch, value, word }: { swatch: string; value: number; word: string }) {
  return (
    <span>
      <i class={`sw-${swatch}`} />
      <b>{figure(value)}</b> {word}
    </span>
  )
}
