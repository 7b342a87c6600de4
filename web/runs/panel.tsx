import { type Batch, isFinished, type Run, type RunProgress } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { Part } from '../ui/components/bar.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { startedBy, type Zone } from '../ui/components/runs-table.tsx'
import { clock, counted, figure, size } from '../ui/format.ts'
import { EndedPanel } from './ended-panel.tsx'
import type { BatchProgressTold } from './live-progress.ts'

export interface RunPanelProps {
  run: Run | null
  team: Team
  zone: Zone
  /** Null while unknown. */
  progress: BatchProgressTold | null
}

/** The running import, at the top of the page, or how it ended; an empty element without one. */
export function RunPanel({ run, team, zone, progress }: RunPanelProps) {
  if (!run) return <div id="run-panel" hidden />
  const base = `/teams/${team.team}`
  if (isFinished(run.state)) return <EndedPanel run={run} href={`${base}/runs/${run.id}`} />
  const at = run.batches.findIndex(({ state }) => state === 'queued' || state === 'parsing' || state === 'applying')
  const batch = run.batches[at] ?? null
  const told = batch && progress?.batchId === batch.id ? progress.progress : null
  const percent = told && told.bytes > 0 ? Math.min(100, Math.floor((100 * told.bytesRead) / told.bytes)) : null
  const words = wordsOf(run, told, percent)
  return (
    <section
      class="card live"
      id="run-panel"
      aria-labelledby="run-panel-h"
      {...(percent !== null && { 'data-percent': String(percent), 'data-words': words })}
    >
      <header>
        <span class="pulse" />
        <h2 id="run-panel-h" class="grow">
          Run <a href={`${base}/runs/${run.id}`}>#{run.number}</a>: {titleOf(run, batch, at)}
        </h2>
        <span class="small">
          {run.window ? `${startedBy(run)}, ` : `Started by ${startedBy(run)} at `}
          {clock(new Date(run.startedAt ?? run.createdAt), zone.timeZone)}
        </span>
        <Form action={`${base}/runs/${run.id}/abort`}>
          <button class="btn sm danger" type="submit" id="stop-run">
            <Icon name="stop" />
            Stop
          </button>
        </Form>
      </header>
      <div class="card-b stack">
        {batch && <BatchBar batch={batch} told={told} percent={percent} />}
        {told && <Stats told={told} />}
        <Steps run={run} batch={batch} />
      </div>
      {run.waitsForRoom && (
        <p class="card-b small">
          Nothing is lost: the import starts by itself as soon as an operator has made room. Files stay in place.
        </p>
      )}
      <footer>
        You can leave this page; the import continues and a recap is e-mailed. Stop cancels the current file, which
        stays in place. Finished files are kept.
      </footer>
    </section>
  )
}

function titleOf(run: Run, batch: Batch | null, at: number): string {
  if (run.waitsForRoom) return 'waiting, as the disk of the service is full'
  if (run.state === 'queued') return 'waiting for another run'
  if (batch) return `batch ${at + 1} of ${run.batches.length}`
  return run.batches.length === 0 ? 'looking for files' : 'finishing'
}

function wordsOf(run: Run, told: RunProgress | null, percent: number | null): string {
  if (!told || percent === null) return `Run ${run.number} is in progress.`
  return `Importing, ${percent} percent, ${counted(told.rejected, 'error')} so far.`
}

/** Rounded to 10 s; null while it cannot be estimated. */
function timeLeft({ secondsLeft, recordsPerSecond }: RunProgress): string | null {
  if (secondsLeft === null || recordsPerSecond === 0) return null
  if (secondsLeft < 5) return 'a few seconds left'
  if (secondsLeft < 95) return `about ${Math.max(10, Math.round(secondsLeft / 10) * 10)} s left`
  return `about ${Math.round(secondsLeft / 60)} min left`
}

function BatchBar({ batch, told, percent }: { batch: Batch; told: RunProgress | null; percent: number | null }) {
  const left = told && timeLeft(told)
  const label = `Import of ${batch.fileName}`
  return (
    <div class="stack-2">
      <div class="row between">
        <span class="mono small">{batch.fileName}</span>
        <span class="small">
          {percent !== null && <b>{percent}%</b>} <span class="muted">{left ?? size(batch.bytes)}</span>
        </span>
      </div>
      {percent === null ? (
        <div class="bar lg busy" role="progressbar" aria-label={label}>
          <Part />
        </div>
      ) : (
        <div
          class="bar lg"
          role="progressbar"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={left ? `${percent} percent, ${left}` : `${percent} percent`}
        >
          <Part width={`${percent}%`} />
        </div>
      )}
    </div>
  )
}

function Stats({ told }: { told: RunProgress }) {
  const merged = told.created + told.updated + told.unchanged > 0
  return (
    <dl class="stats">
      <Stat label="Read" value={size(told.bytesRead)} small={`of ${size(told.bytes)}`} />
      <Stat label="Records" value={figure(told.records)} />
      <Stat label="Records per second" value={figure(told.recordsPerSecond)} />
      {merged && (
        <>
          <Stat label="Created" value={figure(told.created)} />
          <Stat label="Updated" value={figure(told.updated)} />
          <Stat label="Unchanged" value={figure(told.unchanged)} />
        </>
      )}
      <Stat label="Rejected" value={figure(told.rejected)} warn={told.rejected > 0} />
    </dl>
  )
}

function Stat({ label, value, small, warn }: { label: string; value: string; small?: string; warn?: boolean }) {
  return (
    <div class="stat">
      <dt>{label}</dt>
      <dd class={warn ? 't-warn' : ''}>
        {value} {small && <small>{small}</small>}
      </dd>
    </div>
  )
}

/** The five steps of the current batch. */
function Steps({ run, batch }: { run: Run; batch: Batch | null }) {
  const found = run.batches.length
  const now = run.state === 'queued' || found === 0 ? 0 : batch?.state === 'queued' ? 1 : batch ? 2 : 3
  const steps = [
    found > 0 ? `Find files: ${figure(found)}` : 'Find files',
    'Check header',
    'Import records',
    'Move file',
    'Send e-mail',
  ]
  return (
    <ol class="steps" aria-label="Steps">
      {steps.map((step, index) => (
        <li
          class={index < now ? 'done' : index === now ? 'now' : ''}
          {...(index === now && { 'aria-current': 'step' as const })}
        >
          {index < now && <Icon name="check" />}
          {index === now && <span class="pulse" />}
          {step}
        </li>
      ))}
    </ol>
  )
}
