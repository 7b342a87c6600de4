import type { RunState } from '../../model/run.ts'
import { Icon, type IconName } from './document.tsx'

type Tone = 'ok' | 'warn' | 'bad' | 'run' | 'plain'

/** A glyph and a word always say the same as the colour. */
const BADGES: Record<RunState, { tone: Tone; icon: IconName | null; word: string }> = {
  queued: { tone: 'plain', icon: 'clock', word: 'Queued' },
  running: { tone: 'run', icon: null, word: 'Running' },
  imported: { tone: 'ok', icon: 'check', word: 'Imported' },
  imported_with_errors: { tone: 'warn', icon: 'bang', word: 'Imported with errors' },
  rejected: { tone: 'bad', icon: 'x', word: 'Rejected' },
  failed: { tone: 'bad', icon: 'x', word: 'Failed' },
  nothing_to_import: { tone: 'plain', icon: 'dash', word: 'Nothing to import' },
  held: { tone: 'warn', icon: 'bang', word: 'Held' },
  aborted: { tone: 'bad', icon: 'x', word: 'Aborted' },
}

/** A run that imported no record is never green. */
export function RunBadge({ state, imported }: { state: RunState; imported: number }) {
  const { tone, icon, word } = BADGES[state]
  return (
    <span class={`badge ${tone === 'ok' && imported === 0 ? 'plain' : tone}`}>
      {icon ? <Icon name={icon} /> : <span class="pulse" />}
      {word}
    </span>
  )
}
