import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import type { RunFile } from '../../model/run.ts'
import { NO_ROOM } from '../../model/upload.ts'
import { quoted } from '../records/cell.ts'
import { type Fate, type FoundFile, type NameFate, type RunFate, runVerdict, type TurnFate } from './fate.ts'

/** The fate of a file for people who look at it: on the pages, in the API and in the account of a run. */
export function fateWords(fate: Fate | RunFate): string {
  switch (fate.kind) {
    case 'incomplete':
      return 'The upload broke off. Nothing was stored; it has to be sent again.'
    case 'no_room':
      return NO_ROOM[fate.noRoom]
    case 'never_imported':
      return 'Hidden and temporary names, markers and checksums are never imported; rename it if it holds records.'
    case 'other_folder':
      return `It is not in ${fate.filePath}, where files are looked for.`
    case 'misplaced':
      return `Its name matches, but it is not in ${fate.filePath}, where files are looked for.`
    case 'other_case':
      return `Its name has to begin with ${quoted(fate.namePrefix)}: upper and lower case count.${holding(fate)}`
    case 'other_extension':
      return `Its name begins almost like ${quoted(fate.namePrefix)}: the extension differs.${holding(fate)}`
    case 'other_name':
      return `Its name does not begin with ${quoted(fate.namePrefix)}.${holding(fate)}`
    case 'receiving':
      return 'It is still being received; it is imported once it is whole.'
    case 'unconfirmed':
      return 'The upload is not confirmed yet; that takes a few seconds.'
    case 'settling':
      return 'It was copied here on the server and is imported once it has not changed for 60 seconds.'
    case 'claimed':
      return 'A run is importing it.'
    case 'imported':
      return followed('It was imported before and is not imported again.', fate.why)
    case 'undone':
      return followed('It is not imported again by itself.', fate.why)
    case 'superseded':
      return fate.why || 'A newer file was taken instead.'
    case 'held':
      return fate.why || 'It waits for a decision.'
    case 'rejected':
      return `${fate.why || 'It was rejected.'} It is tried again when the file or the settings change. Run Import tries it at once.`
    case 'taken':
      return 'It is imported by this run.'
    case 'newer_first':
      return `A newer file, ${fate.newer}, is imported instead. This one is imported only if that one cannot be read.`
    case 'passed_over':
      return followed('Passed over: it cannot be read.', fate.why)
    case 'not_set_up':
      return notSetUp('It')
    case 'no_window':
      return followed(noWindow('It'), fate.why)
    case 'open_window':
    case 'next_window':
      return followed(`It is imported in ${windowOf(fate)}.`, fate.why)
  }
}

function holding({ invisible }: { invisible?: string }): string {
  return invisible ? ` It holds ${invisible}.` : ''
}

/** The account of a run: one file that it found. */
export function runFile({ path, fate }: FoundFile): RunFile {
  return { path, verdict: runVerdict(fate), reason: fateWords(fate) }
}

/** The reply that ends an upload, for the log of the sending job; empty outside the File Path. */
export function replyWords(name: string, fate: NameFate | TurnFate): string {
  switch (fate.kind) {
    case 'other_folder':
    case 'misplaced':
      return ''
    case 'never_imported':
      return fate.inFilePath
        ? `${name} has the name of a temporary file, a marker or a checksum and is not imported until it is renamed.`
        : ''
    case 'other_case':
    case 'other_extension':
    case 'other_name':
      return `${name} is not imported: its name does not begin with ${fate.namePrefix}.`
    case 'not_set_up':
      return notSetUp(name)
    case 'no_window':
      return noWindow(name)
    case 'open_window':
    case 'next_window':
      return `${name} will be imported in ${windowOf(fate)}.`
  }
}

function windowOf({ kind, window, timeZone }: Extract<TurnFate, { timeZone: string }>): string {
  const which = kind === 'open_window' ? 'the window that is open now' : 'the next window'
  return `${which}, ${DAILY_WINDOWS[window].hours} (${timeZone})`
}

function notSetUp(subject: string): string {
  return `${subject} waits: the import of this team is not set up yet.`
}

function noWindow(subject: string): string {
  return `${subject} waits until somebody presses Run Import: no window is switched on.`
}

function followed(sentence: string, why: string): string {
  return why ? `${sentence} ${why}` : sentence
}
