import type { BatchCounts } from '../../../model/run.ts'
import { share } from '../format.ts'

/** A part of a bar. The attribute of an SVG sets its width, because the pages allow no inline styles. */
export function Part({ tone, width = '0%' }: { tone?: 'new' | 'chg' | 'same' | 'err'; width?: string }) {
  return <svg {...(tone && { class: tone })} width={width} />
}

/** A bar of what became of the records. `label` is for screen readers; without it they skip the bar. */
export function OutcomeBar({ counts, label }: { counts: BatchCounts; label?: string }) {
  const { records, created, updated, unchanged, superseded, rejected } = counts
  const parts = [
    ['new', created],
    ['chg', updated],
    ['same', unchanged + superseded],
    ['err', rejected],
  ] as const
  const told = label === undefined ? { 'aria-hidden': 'true' as const } : { role: 'img' as const, 'aria-label': label }
  return (
    <div class="bar lg" {...told}>
      {parts.map(([tone, some]) => some > 0 && <Part tone={tone} width={share(some, records)} />)}
    </div>
  )
}
