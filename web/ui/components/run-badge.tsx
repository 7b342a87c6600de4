import { isFinished, type Run, type RunState } from '../../../model/run.ts'
import { counted } from '../format.ts'
import type { IconName } from './icon.tsx'
import { Badge, type Tone } from './parts.tsx'

/** A glyph and a word always say the same as the colour. */
export const RUN_WORDS: Record<RunState, { tone: Tone; icon: IconName | null; word: string }> = {
  queued: { tone: 'plain', icon: 'clock', word: 'Queued' },
  running: { tone: 'run', icon: null, word: 'Running' },
  imported: { tone: 'ok', icon: 'check', word: 'Imported' },
  imported_with_errors: { tone: 'warn', icon: 'bang', word: 'Imported with errors' },
  rejected: { tone: 'bad', icon: 'x', word: 'Not imported' },
  failed: { tone: 'bad', icon: 'x', word: 'Failed' },
  nothing_to_import: { tone: 'plain', icon: 'minus', word: 'Nothing to import' },
  held: { tone: 'warn', icon: 'pause', word: 'Held' },
  aborted: { tone: 'plain', icon: 'stop', word: 'Stopped' },
}

/** Counts over all batches of a run. */
export function runTotals(run: Run) {
  const totals = {
    records: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    rejected: 0,
    superseded: 0,
    imported: 0,
    optedOut: 0,
    optedIn: 0,
  }
  for (const { counts } of run.batches)
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += counts[key]
  return totals
}

/** A run that imported no record is never green. */
export function RunBadge({ run }: { run: Run }) {
  const { imported, rejected } = runTotals(run)
  const { tone, icon, word } = RUN_WORDS[run.state]
  if (run.batches.some(({ undo }) => undo?.state === 'going'))
    return (
      <Badge tone="run" icon={null}>
        Being undone
      </Badge>
    )
  const undone = run.batches.length > 0 && run.batches.every(({ state }) => state === 'undone')
  if (undone)
    return (
      <Badge tone="plain" icon="minus">
        Undone
      </Badge>
    )
  const done = run.batches.filter(({ state }) => state === 'imported' || state === 'imported_with_errors').length
  if (isFinished(run.state) && done > 0 && done < run.batches.length)
    return (
      <Badge tone="warn" icon="bang">
        {done} of {counted(run.batches.length, 'file')} imported
      </Badge>
    )
  if (run.state === 'imported_with_errors')
    return (
      <Badge tone={imported === 0 ? 'bad' : tone} icon={icon}>
        {counted(rejected, 'error')}
      </Badge>
    )
  return (
    <Badge
      tone={tone === 'ok' && imported === 0 ? 'plain' : tone}
      icon={tone === 'ok' && imported === 0 ? 'minus' : icon}
    >
      {run.state === 'imported' && imported === 0 ? '0 records' : word}
    </Badge>
  )
}
