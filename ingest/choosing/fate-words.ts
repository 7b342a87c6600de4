import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import { dateWords } from '../../model/pauses.ts'
import type { RunFile } from '../../model/run.ts'
import { NO_ROOM } from '../../model/upload.ts'
import { counted } from '../../model/wording/figure.ts'
import { zonedFormat } from '../../model/wording/zoned-format.ts'
import { quoted } from '../records/cell.ts'
import type { Fate, FoundFile, RunFate, TurnFate, WindowTurn } from './fate.ts'
import { runVerdict } from './fate-uses.ts'
import type { NameFate } from './name-fate.ts'

/** The fate of a file for people who look at it: on the pages, in the API, in the account of a run and to SITE STATUS. */
export function fateWords(fate: Fate | RunFate): string {
  switch (fate.kind) {
    case 'incomplete':
      return fate.kept === null
        ? 'The upload broke off. Nothing was stored; it has to be sent again.'
        : `The upload broke off. Its first ${counted(fate.kept, 'byte')} are kept for 24 hours: continue it with REST, or send it again.`
    case 'no_room':
      return NO_ROOM[fate.noRoom]
    case 'archived':
      return `Run ${fate.run} imported it and moved it here.`
    case 'written':
      return 'The service wrote it for the sender. It is never imported.'
    case 'never_imported':
      return 'Hidden and temporary names, markers and checksums are never imported; rename it if it holds records.'
    case 'other_folder':
      return `It is not imported: files are taken from ${fate.filePath}.`
    case 'misplaced':
      return fate.nameMatches
        ? `Its name matches, but files are taken from ${fate.filePath}.`
        : `Files are taken from ${fate.filePath}, and names have to begin with "${fate.namePrefix}".`
    case 'other_case':
      return `Its name has to begin with ${quoted(fate.namePrefix)}: upper and lower case count.${holding(fate)}`
    case 'other_extension':
      return `Its name begins almost like ${quoted(fate.namePrefix)}: the extension differs.${holding(fate)}`
    case 'other_name':
      return `Its name does not begin with ${quoted(fate.namePrefix)}.${holding(fate)}`
    case 'receiving':
      return 'It is still being received. It can be imported once it is whole.'
    case 'unconfirmed':
      return 'The upload is not confirmed yet; that takes a few seconds.'
    case 'settling':
      return 'It was copied here on the server. It can be imported once it has not changed for 60 seconds.'
    case 'claimed':
      return 'A run is importing it.'
    case 'imported':
      return followed(
        fate.run === null
          ? 'It was imported before and is not imported again.'
          : `It was imported by run ${fate.run} and is not imported again.`,
        fate.why,
      )
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
    default:
      return turnWords('It', 'is', fate)
  }
}

function holding({ invisible }: { invisible?: string }): string {
  return invisible ? ` It holds ${invisible}.` : ''
}

/** The account of a run: one file that it found. */
export function runFile({ path, fate }: FoundFile): RunFile {
  return { path, verdict: runVerdict(fate), reason: fateWords(fate) }
}

/** The reply that ends an upload, for the log of the sending job; empty where a temporary name waits for its real one. */
export function replyWords(name: string, fate: NameFate | TurnFate): string {
  switch (fate.kind) {
    case 'never_imported':
      return fate.inFilePath
        ? `${name} has the name of a temporary file, a marker or a checksum and is not imported until it is renamed.`
        : ''
    case 'other_folder':
    case 'misplaced':
      return `${name} is not imported: files are taken from ${short(fate.filePath)}.`
    case 'other_case':
      return `${name} is not imported: its name does not begin with ${short(fate.namePrefix)}; upper and lower case count.`
    case 'other_extension':
    case 'other_name':
      return `${name} is not imported: its name does not begin with ${short(fate.namePrefix)}.`
    case 'archived':
    case 'written':
      return fateWords(fate)
    default:
      return turnWords(name, 'will be', fate)
  }
}

function turnWords(subject: string, verb: 'is' | 'will be', fate: TurnFate): string {
  const imported = `${subject} ${verb} imported`
  switch (fate.kind) {
    case 'not_set_up':
      return `${subject} waits: the import of this team is not set up yet.`
    case 'run_begun':
      return followed(`${subject} ${verb} imported by the run that has just begun.`, fate.why)
    case 'no_window':
      return followed(`${subject} waits until somebody presses Run Import: no window is switched on.`, fate.why)
    case 'open_window':
      return followed(`${imported} in the window that is open now, ${windowOf(fate)}.`, fate.why)
    case 'by_next_window': {
      const when = fate.afterRun ? 'when the run in progress ends, or in' : 'in'
      return followed(`${imported} ${when} the next window, ${windowOf(fate)}, at the latest.`, fate.why)
    }
    case 'next_window': {
      const { had, pause } = fate
      const before = pause
        ? `Windows are paused until ${dateWords(pause.to)}${pause.why ? ` (${pause.why})` : ''}. `
        : had
          ? `The ${DAILY_WINDOWS[had].title} window has run today. `
          : ''
      return followed(`${before}${imported} in the next window, ${windowOf(fate)}.`, fate.why)
    }
  }
}

function windowOf({ window, timeZone, opensAt, closesAt, startsAt }: WindowTurn): string {
  const { startHour, endHour, hours } = DAILY_WINDOWS[window]
  const isUsual = hourOf(opensAt, timeZone) === startHour && hourOf(closesAt, timeZone) === endHour
  const open = isUsual ? hours : `${clockOf(opensAt, timeZone)}-${clockOf(closesAt, timeZone)}`
  return `${open} (${timeZone})${startsAt === null ? '' : `, which starts at ${clockOf(startsAt, timeZone)}`}`
}

const hourFormat = zonedFormat('en-US', { hour: 'numeric', hourCycle: 'h23' })
const clockOf = zonedFormat('en-US', { hour: 'numeric', minute: '2-digit' })

function hourOf(at: Date, timeZone: string): number {
  return Number(hourFormat(at, timeZone))
}

/** A reply is one line; paths and prefixes may be longer than that. */
const MOST_SHOWN = 120

export function short(text: string): string {
  const signs = [...text]
  if (signs.length <= MOST_SHOWN) return text
  return `${signs.slice(0, MOST_SHOWN / 2).join('')}...${signs.slice(-MOST_SHOWN / 2).join('')}`
}

function followed(sentence: string, why: string): string {
  return why ? `${sentence} ${why}` : sentence
}
