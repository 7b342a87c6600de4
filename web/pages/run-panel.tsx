import { type Batch, isFinished, type Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { Icon } from './components/icon.tsx'
import { startedBy, type Zone } from './components/runs-table.tsx'
import { clock, figure, size } from './format.ts'

/** The run that is going, above all else; an empty place for it otherwise. */
export function RunPanel({ run, team, zone }: { run: Run | null; team: Team; zone: Zone }) {
  if (!run || isFinished(run.state)) return <div id="run-panel" hidden />
  const base = `/teams/${team.team}`
  const at = run.batches.findIndex(({ state }) => state === 'queued' || state === 'parsing' || state === 'applying')
  const batch = run.batches[at] ?? null
  const title =
    run.state === 'queued'
      ? 'waits its turn'
      : batch
        ? `batch ${at + 1} of ${run.batches.length}`
        : run.batches.length === 0
          ? 'looking for files'
          : 'finishing'
  return (
    <section class="card live" id="run-panel" aria-labelledby="run-panel-h">
      <header>
        <span class="pulse" />
        <h2 id="run-panel-h" class="grow">
          Run <a href={`${base}/runs/${run.id}`}>#{run.number}</a>: {title}
        </h2>
        <span class="small">
          {run.window ? `${startedBy(run)}, ` : `Started by ${startedBy(run)} at `}
          {clock(new Date(run.startedAt ?? run.createdAt), zone.timeZone)}
        </span>
      </header>
      <div class="card-b stack">
        {batch && <BatchBar batch={batch} />}
        <Steps run={run} batch={batch} />
      </div>
      <footer>
        You can leave this page: the run goes on and the recap is e-mailed. Each batch counts as a whole: all of its
        valid records are applied, or none.
      </footer>
    </section>
  )
}

function BatchBar({ batch }: { batch: Batch }) {
  return (
    <div class="stack-2">
      <div class="row between">
        <span class="mono small">{batch.fileName}</span>
        <span class="small muted">{size(batch.bytes)}</span>
      </div>
      <div class="bar lg busy" role="progressbar" aria-label={`Import of ${batch.fileName}`}>
        <i />
      </div>
    </div>
  )
}

/** The five steps; of a run with several batches those of the batch that is going. */
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
