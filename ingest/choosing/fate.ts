import type { WindowName } from '../../model/daily-windows.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import { namedInvisible } from '../../model/invisible-signs.ts'
import type { FileVerdict } from '../../model/run.ts'
import type { FileAction } from '../../model/team-file.ts'
import { folderOf, isNeverImported, nameOf, type TeamPath } from '../../model/team-path.ts'
import type { NoRoom, Upload } from '../../model/upload.ts'
import { beginsWith } from '../../model/which-file.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import { nextSlot, openSlots } from '../schedule/windows.ts'

/** Why a file is, will be or will not be imported: one answer for every reader. `fate-words.ts` puts it into words. */
export type Fate = BrokenFate | NameFate | ArrivingFate | LedgerFate | TurnFate

/** Its upload ended without a file. */
type BrokenFate = { kind: 'incomplete' } | { kind: 'no_room'; noRoom: NoRoom }

/** No run takes a file of this path. */
export type NameFate =
  /** A hidden or temporary name. */
  | { kind: 'never_imported'; inFilePath: boolean }
  | { kind: 'other_folder'; filePath: TeamPath }
  /** The name matches, the folder does not. */
  | { kind: 'misplaced'; filePath: TeamPath }
  | {
      kind: 'other_case' | 'other_extension' | 'other_name'
      namePrefix: string
      /** What in the name cannot be seen. */
      invisible?: string
    }

/** It is on its way. `settling`: put there by other means, and it may still be growing. */
type ArrivingFate = { kind: 'receiving' | 'unconfirmed' | 'settling' }

/** A run or a person has decided on it. `why` is what the ledger says of it; empty where it says nothing. */
type LedgerFate =
  | { kind: 'claimed' }
  /** `undone`: imported, and the import was undone. `rejected`: until the file or the settings change. */
  | { kind: 'imported' | 'undone' | 'superseded' | 'held' | 'rejected'; why: string }

/** It waits for its turn. `why` tells how the last attempt ended; empty where there was none. */
export type TurnFate =
  | { kind: 'not_set_up' }
  | { kind: 'no_window'; why: string }
  | { kind: 'open_window' | 'next_window'; window: WindowName; timeZone: string; why: string }

/** Keeps a run from taking a file. */
export type Obstacle = Exclude<Fate, TurnFate>

/** A file that is not taken has an obstacle, or a newer one is tried before it. `passed_over`: the run could not read it. */
export type RunFate =
  | Obstacle
  | { kind: 'taken' }
  | { kind: 'newer_first'; newer: string }
  | { kind: 'passed_over'; why: string }

/** A file that a run found. */
export interface FoundFile {
  path: TeamPath
  fate: RunFate
}

export interface FileFacts
  extends Pick<Upload, 'path' | 'state' | 'verdict' | 'verdictReason' | 'verdictSettingsVersion' | 'noRoom'> {
  /** The upload it came by; null for a file that was put there by other means and has not settled yet. */
  uploadId: string | null
  /** Its last import was undone. */
  undone: boolean
}

export function factsOf(path: TeamPath, upload: Upload | null, undone = false): FileFacts {
  return {
    path,
    undone,
    uploadId: upload?.id ?? null,
    state: upload?.state ?? 'ready',
    verdict: upload?.verdict ?? null,
    verdictReason: upload?.verdictReason ?? null,
    verdictSettingsVersion: upload?.verdictSettingsVersion ?? null,
    noRoom: upload?.noRoom ?? null,
  }
}

export function fateOf(file: FileFacts, settings: ImportSettings, outlook: Outlook): Fate {
  return obstacleOf(file, settings) ?? turnOf(settings, outlook, file.verdictReason ?? '')
}

/** The fate of a file that has just arrived whole. */
export function fateOfArrival(path: TeamPath, settings: ImportSettings, outlook: Outlook): NameFate | TurnFate {
  return nameFate(path, settings.file) ?? turnOf(settings, outlook)
}

export function obstacleOf(file: FileFacts, settings: Pick<ImportSettings, 'file' | 'version'>): Obstacle | null {
  const { path, state, uploadId, noRoom } = file
  if (state === 'incomplete') return noRoom ? { kind: 'no_room', noRoom } : { kind: 'incomplete' }
  const named = nameFate(path, settings.file)
  if (named) return named
  if (state !== 'ready') return { kind: state }
  if (uploadId === null) return { kind: 'settling' }
  return ledgerFate(file, settings.version)
}

/** Why no run takes a file of this path, and by how little it misses; null for one that matches. */
function nameFate(
  path: TeamPath,
  { path: filePath, namePrefix }: Pick<ImportSettings['file'], 'path' | 'namePrefix'>,
): NameFate | null {
  const name = nameOf(path)
  const inFilePath = folderOf(path) === filePath
  if (isNeverImported(name)) return { kind: 'never_imported', inFilePath }
  const matches = beginsWith(name, namePrefix)
  if (!inFilePath) return { kind: matches && namePrefix !== '' ? 'misplaced' : 'other_folder', filePath }
  if (matches) return null
  const begins = (start: string) => beginsWith(name.toLowerCase(), start.toLowerCase())
  const invisible = namedInvisible(name)
  const facts = { namePrefix, ...(invisible !== null && { invisible }) }
  if (begins(namePrefix)) return { kind: 'other_case', ...facts }
  const stem = stemOf(namePrefix)
  return { kind: stem !== '' && begins(stem) ? 'other_extension' : 'other_name', ...facts }
}

function stemOf(prefix: string): string {
  const dot = prefix.lastIndexOf('.')
  return dot > 0 ? prefix.slice(0, dot) : ''
}

function ledgerFate(file: FileFacts, settingsVersion: number): LedgerFate | null {
  const why = file.verdictReason ?? ''
  switch (file.verdict) {
    case 'claimed':
      return { kind: 'claimed' }
    case 'imported':
      return { kind: file.undone ? 'undone' : 'imported', why }
    case 'superseded':
    case 'held':
      return { kind: file.verdict, why }
    case 'rejected':
      return file.verdictSettingsVersion === settingsVersion ? { kind: 'rejected', why } : null
    default:
      return null
  }
}

/** The window that a file which arrives at some moment waits for; no slot while every window is off. */
export interface Outlook {
  readonly slot: TimedSlot | null
  readonly isOpen: boolean
  readonly timeZone: string
}

export function outlookAt(schedule: ImportSettings['schedule'], timeZone: string, now: Date): Outlook {
  const [open] = openSlots(schedule, timeZone, now)
  return { slot: open ?? nextSlot(schedule, timeZone, now), isOpen: open !== undefined, timeZone }
}

function turnOf(settings: ImportSettings, { slot, isOpen, timeZone }: Outlook, why = ''): TurnFate {
  if (unmappedFields(settings).length > 0) return { kind: 'not_set_up' }
  if (!slot) return { kind: 'no_window', why }
  return { kind: isOpen ? 'open_window' : 'next_window', window: slot.name, timeZone, why }
}

/** It matches, and a newer file comes before it. */
export type LaterFate = Extract<RunFate, { kind: 'newer_first' }>

const ACTIONS: Record<(Fate | LaterFate)['kind'], FileAction> = {
  incomplete: 'send_again',
  no_room: 'send_again',
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
  newer_first: 'import_anyway',
  held: 'approve_or_discard',
  rejected: 'run_import',
  not_set_up: 'none',
  no_window: 'run_import',
  open_window: 'run_import',
  next_window: 'run_import',
}

export function actionFor(fate: Fate | LaterFate): FileAction {
  return ACTIONS[fate.kind]
}

/** The verdict that a run writes down. */
export function runVerdict(fate: RunFate): FileVerdict {
  switch (fate.kind) {
    case 'taken':
      return 'claimed'
    case 'passed_over':
      return 'rejected'
    case 'undone':
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
