import type { FileVerdict } from '../../model/run.ts'
import type { FileAction } from '../../model/team-file.ts'
import type { Fate, RunFate, TurnFate } from './fate.ts'

const ACTIONS: Record<Fate['kind'], FileAction> = {
  incomplete: 'send_again',
  no_room: 'send_again',
  archived: 'open_batch',
  written: 'open_batch',
  never_imported: 'rename',
  other_folder: 'none',
  misplaced: 'rename',
  other_case: 'rename',
  other_extension: 'rename',
  other_name: 'none',
  receiving: 'wait',
  unconfirmed: 'wait',
  settling: 'wait',
  claimed: 'wait',
  imported: 'open_batch',
  undone: 'import_anyway',
  superseded: 'import_anyway',
  held: 'approve_or_discard',
  rejected: 'run_import',
  newer_first: 'import_anyway',
  not_set_up: 'none',
  run_begun: 'wait',
  no_window: 'run_import',
  open_window: 'run_import',
  next_window: 'run_import',
  by_next_window: 'wait',
}

export function actionFor(fate: Fate): FileAction {
  return ACTIONS[fate.kind]
}

const TURNS: readonly Fate['kind'][] = [
  'not_set_up',
  'run_begun',
  'no_window',
  'open_window',
  'next_window',
  'by_next_window',
]

/** It will be imported: what every page counts as a waiting file. */
export function waitsForTurn(fate: Fate): fate is TurnFate {
  return TURNS.includes(fate.kind)
}

/** No run takes it as it is named, and by its name somebody may have meant it to be imported. */
export function isNearMiss({ kind }: { kind: (Fate | RunFate)['kind'] }): boolean {
  return kind === 'misplaced' || kind === 'other_case' || kind === 'other_extension'
}

/** The verdict that a run writes down. */
export function runVerdict(fate: RunFate | Fate): FileVerdict {
  switch (fate.kind) {
    case 'taken':
      return 'claimed'
    case 'passed_over':
      return 'rejected'
    case 'undone':
    case 'archived':
      return 'imported'
    case 'claimed':
    case 'imported':
    case 'superseded':
    case 'held':
    case 'rejected':
      return fate.kind
    default:
      return 'waiting'
  }
}
