import type { WindowName } from '../../model/daily-windows.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import type { Pause } from '../../model/pauses.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { NoRoom, Upload } from '../../model/upload.ts'
import type { Outlook, Turn } from '../schedule/outlook.ts'
import { type NameFate, nameFate } from './name-fate.ts'

/** Why a file is, will be or will not be imported: one answer for every reader. `fate-words.ts` puts it into words. */
export type Fate = BrokenFate | NameFate | ArrivingFate | LedgerFate | RivalFate | TurnFate

/** Its upload ended without a file. `kept`: so many bytes wait for their account to continue them. */
type BrokenFate = { kind: 'incomplete'; kept: number | null } | { kind: 'no_room'; noRoom: NoRoom }

/** It is on its way. `settling`: put there by other means, and it may still be growing. */
type ArrivingFate = { kind: 'receiving' | 'unconfirmed' | 'settling' }

/** A run or a person has decided on it. `why` is what the ledger says of it; empty where it says nothing. */
type LedgerFate =
  | { kind: 'claimed' }
  /** By the run of this number; null where it is not known. */
  | { kind: 'imported'; run: number | null; why: string }
  /** `undone`: imported, and the import was undone. `rejected`: until the file or the settings change. */
  | { kind: 'undone' | 'superseded' | 'held' | 'rejected'; why: string }

/** The most recent file alone is imported, and a newer one waits: this one is imported only if that cannot be. */
export type RivalFate = { kind: 'newer_first'; newer: string }

/** It waits for its turn. `why` tells how the last attempt ended; empty where there was none. */
export type TurnFate =
  | { kind: 'not_set_up' }
  /** A run has begun and has not chosen its files yet. */
  | { kind: 'run_begun'; why: string }
  | { kind: 'no_window'; why: string }
  | ({ kind: 'open_window'; why: string } & WindowTurn)
  /** `had`: this window is open and has had its file. `pause`: until then no window runs. */
  | ({ kind: 'next_window'; had: WindowName | null; pause: Pause | null; why: string } & WindowTurn)
  /** Now, if the open window still takes it, or else in this one. `afterRun`: a run in progress has to end first. */
  | ({ kind: 'by_next_window'; afterRun: boolean; why: string } & WindowTurn)

export interface WindowTurn {
  window: WindowName
  /** Of the team, `YYYY-MM-DD`. */
  date: string
  timeZone: string
  /** A window that is open while the time zone changes keeps its hours. */
  opensAt: Date
  closesAt: Date
  /** When its imports start, where that is to come and is not the hour at which it opens. */
  startsAt: Date | null
}

/** Keeps a run from taking a file. */
export type Obstacle = Exclude<Fate, TurnFate | RivalFate>

/**
 * A file that is not taken has an obstacle, or a newer one is tried before it. `passed_over`: the run could not read it.
 * `not_set_up`: somebody took the mapping away while the run was going.
 */
export type RunFate =
  | Obstacle
  | { kind: 'taken' }
  | { kind: 'newer_first'; newer: string }
  | { kind: 'passed_over'; why: string }
  | { kind: 'not_set_up' }

/** A file that a run found. */
export interface FoundFile {
  path: TeamPath
  fate: RunFate
}

export interface FileFacts
  extends Pick<
    Upload,
    'path' | 'state' | 'verdict' | 'verdictReason' | 'verdictSettingsVersion' | 'noRoom' | 'receivedAt'
  > {
  /** The upload it came by; null for a file that was put there by other means and has not settled yet. */
  uploadId: string | null
  /** Its last import was undone. */
  undone: boolean
  /** The number of the run that tried it last. */
  run: number | null
  /** The number of the run whose import moved it to this path. */
  archivedBy: number | null
  /** The service itself wrote it. */
  written: boolean
  /** Of an upload that broke off: so many bytes wait to be continued. */
  kept: number | null
}

/** What stands before a file where only the most recent one is imported; `rivals.ts` finds it. */
export interface Rivals {
  fateOf(file: Pick<FileFacts, 'uploadId' | 'receivedAt'>): RivalFate | { kind: 'superseded'; why: string } | null
}

export type KnownOfFile = Partial<Pick<FileFacts, 'undone' | 'run' | 'archivedBy' | 'written' | 'kept'>>

export function factsOf(path: TeamPath, upload: Upload | null, known: KnownOfFile = {}): FileFacts {
  return {
    path,
    uploadId: upload?.id ?? null,
    state: upload?.state ?? 'ready',
    verdict: upload?.verdict ?? null,
    verdictReason: upload?.verdictReason ?? null,
    verdictSettingsVersion: upload?.verdictSettingsVersion ?? null,
    noRoom: upload?.noRoom ?? null,
    receivedAt: upload?.receivedAt ?? null,
    undone: false,
    run: null,
    archivedBy: null,
    written: false,
    kept: null,
    ...known,
  }
}

export function fateOf(file: FileFacts, settings: ImportSettings, outlook: Outlook, rivals: Rivals, now: Date): Fate {
  return obstacleOf(file, settings) ?? rivals.fateOf(file) ?? turnOf(file, settings, outlook, now)
}

/** The fate of a file that has just arrived whole: no other is newer. */
export function fateOfArrival(
  path: TeamPath,
  settings: ImportSettings,
  outlook: Outlook,
  now: Date,
): NameFate | TurnFate {
  return nameFate(path, settings.file) ?? turnOf({ uploadId: null, verdictReason: null }, settings, outlook, now)
}

export function obstacleOf(file: FileFacts, settings: Pick<ImportSettings, 'file' | 'version'>): Obstacle | null {
  const { path, state, uploadId, archivedBy } = file
  if (state === 'incomplete') return brokenFate(file)
  if (file.written) return { kind: 'written' }
  const named = nameFate(path, settings.file)
  if (named && archivedBy !== null) return { kind: 'archived', run: archivedBy }
  if (named) return named
  if (state !== 'ready') return { kind: state }
  if (uploadId === null) return { kind: 'settling' }
  return ledgerFate(file, settings.version)
}

export function brokenFate({ noRoom, kept }: Pick<FileFacts, 'noRoom' | 'kept'>): BrokenFate {
  return noRoom ? { kind: 'no_room', noRoom } : { kind: 'incomplete', kept }
}

function ledgerFate(file: FileFacts, settingsVersion: number): LedgerFate | null {
  const why = file.verdictReason ?? ''
  switch (file.verdict) {
    case 'claimed':
      return { kind: 'claimed' }
    case 'imported':
      return file.undone ? { kind: 'undone', why } : { kind: 'imported', run: file.run, why }
    case 'superseded':
    case 'held':
      return { kind: file.verdict, why }
    case 'rejected':
      return file.verdictSettingsVersion === settingsVersion ? { kind: 'rejected', why } : null
    default:
      return null
  }
}

function turnOf(
  { uploadId, verdictReason }: Pick<FileFacts, 'uploadId' | 'verdictReason'>,
  settings: ImportSettings,
  { turns, had, pause, going, choosing, timeZone }: Outlook,
  now: Date,
): TurnFate {
  if (unmappedFields(settings).length > 0) return { kind: 'not_set_up' }
  const why = verdictReason ?? ''
  if (uploadId !== null && choosing) return { kind: 'run_begun', why }
  // Behind a change of the time zone two may be open.
  const [turn, later] = turns.filter(({ tried }) => uploadId === null || !tried.has(uploadId))
  if (!turn) return { kind: 'no_window', why }
  const at = (slot: Turn): WindowTurn => ({
    window: slot.name,
    date: slot.date,
    timeZone,
    opensAt: slot.opensAt,
    closesAt: slot.closesAt,
    startsAt: slot.startsAt > now && +slot.startsAt - +slot.opensAt >= MINUTE_MS ? slot.startsAt : null,
  })
  if (turn.startsAt <= now && later) {
    const isClosing = +turn.closesAt - +now < CLOSING_MS
    if (going || isClosing) return { kind: 'by_next_window', ...at(later), afterRun: going, why }
  }
  // The run may take it just so, or behind a file that it cannot read (also under settings of before), or not.
  if (going) return { kind: 'by_next_window', ...at(turn), afterRun: true, why }
  if (turn.isOpen) return { kind: 'open_window', ...at(turn), why }
  return { kind: 'next_window', ...at(turn), had: had?.name ?? null, pause, why }
}

const MINUTE_MS = 60_000
/** An upload that ends this close to the end of a window may be confirmed too late for it. */
const CLOSING_MS = 60_000
