import type { FileCode, WarningCounts } from './codes.ts'
import type { WindowName } from './daily-windows.ts'
import type { AfterImport } from './import-settings.ts'
import { figure } from './wording/figure.ts'

export type RunTrigger = 'scheduled' | 'on_demand' | 'manual'

export type RunState =
  | 'queued'
  | 'running'
  | 'imported'
  | 'imported_with_errors'
  | 'rejected'
  | 'failed'
  | 'nothing_to_import'
  | 'held'
  | 'aborted'

export type BatchState =
  | 'queued'
  | 'parsing'
  | 'applying'
  | 'imported'
  | 'imported_with_errors'
  | 'rejected'
  | 'held'
  | 'failed'
  | 'aborted'
  | 'undone'

/**
 * Outcome of a batch's records.
 * Always: records = created + updated + unchanged + rejected + superseded.
 */
export interface BatchCounts {
  records: number
  created: number
  updated: number
  unchanged: number
  rejected: number
  superseded: number
  /** Contacts whose preference this batch turned to opted out, or to opted in. */
  optedOut: number
  optedIn: number
}

export const NO_COUNTS: BatchCounts = {
  records: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  rejected: 0,
  superseded: 0,
  optedOut: 0,
  optedIn: 0,
}

/** How far a batch has come; counts grow until they are those of the batch. */
export interface BatchProgress extends BatchCounts {
  bytesRead: number
  bytes: number
}

/** Changes against the contacts stored before the batch. Input of the guardrails. */
export interface BatchChanges {
  /** Contacts that the team had. */
  contactsBefore: number
  /** Contacts of the file that were known. */
  matched: number
  /** Of those matched, how many get another mobile number. */
  mobilesChanged: number
  /** By the name of the field (`Staff ID` or a custom field): how many matched contacts had a value, and how many of them lose it. */
  cleared: Record<string, { had: number; cleared: number }>
  /** Contacts that change in nothing but fields that no contact of the file had before: they are mapped for the first time. */
  firstFilled: number
  /** Of the contacts it creates, how many have the number of a known one; counted from 20 on. */
  knownNumbers: number
  /** Some of those whose Contact ID is that of the known one but for case, zeros in front or what a spreadsheet adds. */
  lookAlikes: { contactId: string; known: string }[]
  /** Contacts that it creates opted in, although the opt-out column that is mapped is not in the file. */
  optedInUnasked: number
}

export const NO_CHANGES: BatchChanges = {
  contactsBefore: 0,
  matched: 0,
  mobilesChanged: 0,
  cleared: {},
  firstFilled: 0,
  knownNumbers: 0,
  lookAlikes: [],
  optedInUnasked: 0,
}

/** One contact that a batch changes, for people to look at. */
export interface SampleChange {
  line: number
  contactId: string
  fields: { field: string; before: string | null; after: string | null }[]
}

/** Why a batch was not imported without a person's word. */
export interface GuardrailFinding {
  /** `unconfirmed`: the service stopped before the end of the upload was certain. */
  rule:
    | 'errors'
    | 'record_count_drop'
    | 'mass_change'
    | 'mobiles_changed'
    | 'field_cleared'
    | 'opted_in'
    | 'known_numbers'
    | 'opt_out_column_absent'
    | 'unconfirmed'
  /** With the figures, for people. */
  message: string
}

export const UNCONFIRMED: GuardrailFinding = {
  rule: 'unconfirmed',
  message: 'Nobody confirmed the end of this upload, and its last record is not whole: it may be cut off.',
}

/** Preview of a batch that was held. */
export interface HeldBatch {
  findings: GuardrailFinding[]
  counts: BatchCounts
  samples: SampleChange[]
  /** Counts from 1 up each time that the figures are made anew; an approval is of one revision. */
  revision: number
}

/** Effect of an undo on contacts, done or previewed. */
export interface UndoFigures {
  /** Contacts that it had updated and that are as they were before it. */
  restored: number
  /** Contacts that it had created and that are gone. */
  removed: number
  /** Contacts that were changed since, by another batch or from outside, and stay as they are. */
  left: number
  /** The first of those, by Contact ID. */
  leftContacts: { contactId: string; reason: 'another_batch' | 'preference' }[]
}

/** Who undid a batch and when, and what that did. */
export interface UndoneBatch extends UndoFigures {
  by: string
  at: string
}

/** An undo that was requested: it waits or goes on, or it was tried and changed nothing. */
export interface AskedUndo {
  state: 'going' | 'failed'
  by: string
  at: string
}

/** Records that ended in a contact: created, updated or unchanged. */
export function importedRecords(counts: BatchCounts): number {
  return counts.created + counts.updated + counts.unchanged
}

/** How many rejected records of a batch are counted and not stored. */
export function notKept({ counts, errorsKept }: Pick<Batch, 'counts' | 'errorsKept'>): number {
  return counts.rejected - errorsKept
}

/** For people, where not all of them are kept. */
export function keptNote({ counts, errorsKept }: Pick<Batch, 'counts' | 'errorsKept'>): string {
  const [kept, rejected] = [errorsKept, counts.rejected].map((records) => figure(records))
  return `${errorsKept === 0 ? 'None' : kept} of the ${rejected} rejected records are kept; all of them are counted.`
}

/** Why a file was not imported as a whole. `code` is null for a fault of ours (a bug, an outage). */
export interface FileRejection {
  code: FileCode | null
  message: string
  /** The columns that it lacks, for `F_COLUMN_MISSING`. */
  columns?: MissingColumn[]
}

/** A required column that a file does not have, and the one that most likely took its place. */
export interface MissingColumn {
  /** As in the settings: `mobileNumber`, or the name of an additional field. */
  field: string
  title: string
  column: string
  likely: { column: string; confidence: 'confident' | 'possible'; because: string } | null
}

/** One file that a run found in the root: taken or not, and why. */
export interface RunFile {
  path: string
  verdict: FileVerdict
  reason: string
}

export type FileVerdict = 'waiting' | 'claimed' | 'imported' | 'rejected' | 'held' | 'superseded'

/** How far a batch has come, how fast, and how long it will take; null while unknown. */
export interface RunProgress extends BatchProgress {
  recordsPerSecond: number
  secondsLeft: number | null
}

/** One file imported once, as the API shows it. */
export interface Batch {
  id: string
  state: BatchState
  path: string
  fileName: string
  bytes: number
  sha256: string | null
  receivedAt: string | null
  startedAt: string | null
  finishedAt: string | null
  settingsVersion: number
  counts: BatchCounts & { imported: number }
  /** How many of the rejected records are stored, and so are in the error file. */
  errorsKept: number
  warnings: WarningCounts
  problem: FileRejection | null
  /** Why it is held, and what became of that; null for a batch that was not. */
  held: (HeldBatch & { decision: 'approved' | 'discarded' | null; decidedBy: string | null }) | null
  /** `path`: where the file is now. Null until it is done, and for Manual Import. */
  afterImport: { action: AfterImport['action']; path: string | null } | null
  recap: { state: MailState; attempts: number } | null
  /** Until when it can be undone; null where it cannot. */
  undoableUntil: string | null
  /** The requested undo; null where there is none, and once it is done. */
  undo: AskedUndo | null
  undone: UndoneBatch | null
}

export type MailState = 'waiting' | 'queued' | 'sent' | 'failed'

/** One firing of a team's import, with a batch for each file it took. */
export interface Run {
  id: string
  /** Counts from 1 within the team. */
  number: number
  team: string
  trigger: RunTrigger
  window: { name: WindowName; date: string } | null
  state: RunState
  /** It is queued, and the disk of the database is full. */
  waitsForRoom: boolean
  requestedBy: string | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  files: RunFile[]
  batches: Batch[]
}

/** States that a run does not leave by itself. */
export function isFinished(state: RunState): boolean {
  return state !== 'queued' && state !== 'running'
}

/** The run is not finished, or a batch of it is being undone. */
export function isAtWork({ state, batches }: Run): boolean {
  return !isFinished(state) || batches.some(({ undo }) => undo?.state === 'going')
}

const SEVERITY: readonly BatchState[] = ['imported', 'imported_with_errors', 'held', 'rejected', 'aborted', 'failed']

/** A run is as bad as its worst batch; a run without any had nothing to import. */
export function runStateOf(batches: readonly BatchState[]): RunState {
  let worst = -1
  for (const state of batches) worst = Math.max(worst, SEVERITY.indexOf(state))
  return worst < 0 ? 'nothing_to_import' : (SEVERITY[worst] as RunState)
}
