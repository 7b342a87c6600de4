import type { Run } from '../../model/run.ts'
import { RunBadge, runTotals } from '../ui/components/run-badge.tsx'
import { counted, figure } from '../ui/format.ts'

/** How a run has ended, in the place of its progress. A screen reader hears it, too. */
export function EndedPanel({ run, href }: { run: Run; href: string }) {
  const words = endWords(run)
  // Past the last progress, so that the end is announced behind it.
  const past = '125'
  return (
    <section class="card" id="run-panel" aria-labelledby="run-panel-h" data-percent={past} data-words={words}>
      <header>
        <h2 id="run-panel-h" class="grow">
          Run <a href={href}>#{run.number}</a> has ended
        </h2>
        <RunBadge run={run} />
      </header>
      <p class="card-b">
        {words} <a href={href}>See run #{run.number}</a>
      </p>
    </section>
  )
}

/** In one sentence: what became of the records of the run, or why there are none. */
function endWords(run: Run): string {
  const { imported, records, rejected } = runTotals(run)
  switch (run.state) {
    case 'imported':
    case 'imported_with_errors':
      return `${figure(imported)} of ${counted(records, 'record')} imported${rejected > 0 ? `, ${counted(rejected, 'error')}` : ''}.`
    case 'held':
      return 'Held: nothing has been imported yet. Approve or discard it.'
    case 'nothing_to_import':
      return 'No file was waiting.'
    case 'aborted':
      return 'Stopped. The file stays in place.'
    default:
      return 'Not imported. The file stays in place.'
  }
}
