import type { WarningCode } from '../../model/codes.ts'
import type { Slot } from '../../model/daily-windows.ts'
import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import { type Batch, notKept } from '../../model/run.ts'
import type { Upload } from '../../model/upload.ts'
import { ERROR_TITLES, WARNING_TITLES } from '../../model/wording/code-titles.ts'
import { counted, figure } from '../../model/wording/figure.ts'
import type { ErrorGroup } from '../../store/runs/run-errors.ts'
import { brokenFate } from '../choosing/fate.ts'
import { fateWords } from '../choosing/fate-words.ts'
import { sentenceOf } from '../telling/recap.ts'
import { undoWords } from '../telling/undo-summary.ts'

export interface BatchResultFacts {
  batch: Batch
  /** Of the run within the team. */
  run: number
  errors: readonly Pick<ErrorGroup, 'code' | 'field' | 'records'>[]
  /** The name of the file with the rejected records beside the result; null where there is none. */
  rejectedRecords: string | null
}

/** What became of a file, for the log of the sending job: a line for programs, a sentence, then what there is to do. */
export function batchResultText({ batch, run, errors, rejectedRecords }: BatchResultFacts): string {
  const { state, fileName, problem, held, undone, decision } = { ...batch, decision: batch.held?.decision }
  const isDiscarded = state === 'held' && decision === 'discarded'
  const sentence = isDiscarded ? 'The held file was discarded. Nothing of it was imported.' : sentenceOf(batch)
  return textOf([
    codeLine(batch, isDiscarded ? 'discarded' : state),
    `${fileName}: ${sentence}`,
    ...(problem && state === 'rejected' ? [problem.message] : []),
    ...(state === 'rejected' ? ['Correct the file and send it again.'] : []),
    ...(state === 'held' && !isDiscarded ? (held?.findings.map(({ message }) => message) ?? []) : []),
    ...(undone ? [`${undoWords(undone)}.`] : []),
    ...section(
      'What to correct:',
      errors.map(
        ({ code, field, records }) =>
          `${counted(records, 'record')}: ${ERROR_TITLES[code](field ?? 'A value')} (${code})`,
      ),
    ),
    ...(rejectedRecords === null
      ? []
      : [`The rejected records are in ${rejectedRecords}.${leftOut(batch)}`, SEND_AGAIN]),
    ...section(
      'Imported with warnings:',
      Object.entries(batch.warnings).map(
        ([code, times]) => `${figure(times)}: ${WARNING_TITLES[code as WarningCode]} (${code})`,
      ),
    ),
    '',
    ...facts([
      ['Received', batch.receivedAt],
      ['Finished', batch.finishedAt],
      ['Bytes', String(batch.bytes)],
      ['SHA-256', batch.sha256],
      ['Run', String(run)],
    ]),
  ])
}

const SEND_AGAIN = 'Correct them there and send that file again as it is; its first three columns are ignored.'

function leftOut(batch: Batch): string {
  const rest = notKept(batch)
  return rest === 0 ? '' : ` ${counted(rest, 'more rejected record')} ${rest === 1 ? 'is' : 'are'} not kept.`
}

/** What became of an upload that left no file. `kept`: so many bytes wait to be continued. */
export function uploadResultText(
  fileName: string,
  { noRoom, startedAt, address }: Pick<Upload, 'noRoom' | 'startedAt' | 'address'>,
  kept: number | null,
): string {
  const fate = brokenFate({ noRoom, kept })
  return textOf([
    fate.kind,
    `${fileName}: ${fateWords(fate)}`,
    '',
    ...facts([
      ['Begun', startedAt.toISOString()],
      ['From', address],
    ]),
  ])
}

/** What became of a file that waited until a newer one was taken. */
export function supersededText(
  fileName: string,
  { verdictReason, receivedAt, bytes, sha256 }: Pick<Upload, 'verdictReason' | 'receivedAt' | 'bytes' | 'sha256'>,
): string {
  return textOf([
    'superseded',
    `${fileName}: ${fateWords({ kind: 'superseded', why: verdictReason ?? '' })} Nothing of this file was imported.`,
    '',
    ...facts([
      ['Received', receivedAt?.toISOString() ?? null],
      ['Bytes', String(bytes)],
      ['SHA-256', sha256],
    ]),
  ])
}

export function emptyWindowText({ name, date }: Slot, path: string, namePrefix: string): string {
  const what = namePrefix === '' ? 'file' : `file whose name begins with "${namePrefix}"`
  return textOf([
    `no_file window=${name} date=${date}`,
    `The window ${DAILY_WINDOWS[name].title} of ${date} passed without a ${what} in ${path}. Nothing was imported.`,
  ])
}

function codeLine({ counts, problem, held }: Batch, state: string): string {
  const { records, imported, created, updated, unchanged, rejected, superseded } =
    state === 'held' && held ? { ...held.counts, imported: 0 } : counts
  const told = Object.entries({ records, imported, created, updated, unchanged, rejected, superseded })
  return [
    state,
    ...(problem?.code ? [`code=${problem.code}`] : []),
    ...told.map(([name, many]) => `${name}=${many}`),
  ].join(' ')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`), '']
}

function facts(all: readonly (readonly [name: string, value: string | null])[]): string[] {
  return all.flatMap(([name, value]) => (value === null ? [] : [`${`${name}:`.padEnd(10)} ${value}`]))
}

/** Lines of one value each: a line break in a value would be read as a line of ours. */
function textOf(lines: readonly string[]): string {
  const plain = lines.map((line) => line.replace(/\p{Cc}+/gu, ' '))
  return plain
    .filter((line, index) => line !== '' || plain[index - 1] !== '')
    .map((line) => `${line}\r\n`)
    .join('')
}
