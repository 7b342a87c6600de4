import { inBytes, type Room } from '../../files/storage-guard.ts'
import { DAILY_WINDOWS, localTime, type Slot } from '../../model/daily-windows.ts'
import { dateWords, type Pause } from '../../model/pauses.ts'
import type { UndoFigures } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { NO_ROOM, type NoRoom } from '../../model/upload.ts'
import { figure } from '../../model/wording/figure.ts'
import { escaped } from './escaped.ts'
import { LEFT_REASONS, undoWords } from './undo-summary.ts'

export interface Notice {
  subject: string
  text: string
  html: string
}

const HOW_TO = 'To import now, open the team in Rosterport and press Run Import.'

/** The window was missed: the service was down from its start to its end. */
export function missedNotice(team: Team, slots: readonly Slot[]): Notice {
  const [first] = slots
  const which = slots.length === 1 && first ? `${title(first)} (${first.date})` : `${slots.length} windows`
  return notice(`[${team.name}] missed: ${which}`, [
    `The service was not running during these daily windows of ${team.name}, so they were missed and nothing was imported in them:`,
    ...slots.map((slot) => `- ${title(slot)}, ${DAILY_WINDOWS[slot.name].hours} (${team.timeZone}), ${slot.date}`),
    `Files that wait in the File Path are imported in the next window. ${HOW_TO}`,
  ])
}

/** The window was missed because another run of the team lasted until its end. */
export function overlapNotice(team: Team, slot: Slot): Notice {
  return notice(`[${team.name}] missed: ${title(slot)} (${slot.date})`, [
    `The daily window ${title(slot)}, ${DAILY_WINDOWS[slot.name].hours} (${team.timeZone}), of ${slot.date} was missed: another run of ${team.name} was going until its end.`,
    `Files that wait in the File Path are imported in the next window. ${HOW_TO}`,
  ])
}

/** No importable file has arrived for longer than usual. */
export function silentNotice(team: Team, hours: number, last: Date): Notice {
  const passed = hours === 1 ? 'an hour' : `${figure(hours)} hours`
  return notice(`[${team.name}] no file for ${passed}`, [
    `No file that can be imported has arrived for ${team.name} for more than ${passed}. The last one came ${localTime(last, team.timeZone)}.`,
    'Look at the job of the student information system that sends it. This is the only notice until the next file arrives.',
  ])
}

/** To those who get no more recaps: whoever takes a team over cannot take its mails in silence. */
export function removedNotice(team: Team, by: string): Notice {
  return notice(`[${team.name}] you no longer get recaps`, [
    `${by} has taken this address off the Notification Emails of ${team.name}. Recaps and alerts of its imports no longer come here.`,
    'If you did not expect this, tell an owner of this server.',
  ])
}

/** No window runs from now on; `Run Import` still does. */
export function pauseBegunNotice(team: Team, { to, why }: Pause): Notice {
  return notice(`[${team.name}] windows paused until ${dateWords(to)}`, [
    `The daily windows of ${team.name} are paused until ${dateWords(to)}${why ? ` (${why})` : ''}. Files that arrive meanwhile wait for the first window after it. ${HOW_TO}`,
    'The next e-mail about it comes when the pause is over.',
  ])
}

export function pauseOverNotice(team: Team): Notice {
  return notice(`[${team.name}] the pause is over`, [
    `The daily windows of ${team.name} run again. Files that have waited are imported in the next one.`,
  ])
}

/** Uploads are refused until somebody frees space. */
export function noRoomNotice(team: Team, noRoom: NoRoom, { freeBytes, keptBytes }: Room): Notice {
  const once = 'This is the only e-mail about it until there is room again.'
  if (noRoom === 'quota')
    return notice(`[${team.name}] quota used up: uploads are refused`, [
      `An upload of ${team.name} was refused: the team keeps as much as its quota allows. ${NO_ROOM.quota}`,
      `The files of the team show which uploads were refused. ${once}`,
    ])
  return notice('Disk full: uploads are refused', [
    `The disk of the service has ${inBytes(freeBytes)} free, of which ${inBytes(keptBytes)} are kept for the database and for imports. Uploads are refused until more is free.`,
    `The first one was for ${team.name}. ${NO_ROOM.disk_full} Imports wait, too, as soon as they would need what is kept. ${once}`,
  ])
}

/** Imports wait until somebody frees space. */
export function importsWaitNotice({ freeBytes, keptBytes }: Room): Notice {
  return notice('Disk full: imports wait', [
    `The disk of the database has ${inBytes(freeBytes)} free, of which ${inBytes(keptBytes)} are kept for everything else. No import begins until more is free, and one in progress was stopped.`,
    'Nothing is lost: files stay in their places, and imports go on by themselves once there is room. This is the only e-mail about it until then.',
  ])
}

/** To administrators: an event could not be delivered for three days. */
export function webhookGivenUpNotice(team: Team, reason: string): Notice {
  return notice(`[${team.name}] the webhook does not answer`, [
    `An event of ${team.name} could not be sent to its webhook for three days and was given up. The last try: ${reason}`,
    'Check the address under Configure Imports and press Send a test. This is the only e-mail about it until an event arrives again.',
  ])
}

/** Shows that mail reaches the list. */
export function testNotice(team: Team, requestedBy: string): Notice {
  return notice(`[${team.name}] test e-mail`, [
    `This is a test e-mail, sent by ${requestedBy}. The recaps of ${team.name} reach this address.`,
  ])
}

/** The notice of an undone import. */
export function undoneNotice(
  team: Team,
  { runNumber, fileName, by, figures }: { runNumber: number; fileName: string; by: string; figures: UndoFigures },
): Notice {
  const { left, leftContacts } = figures
  const shown = leftContacts
    .slice(0, LEFT_TOLD)
    .map(({ contactId, reason }) => `- ${contactId}: ${LEFT_REASONS[reason]}`)
  const more = left - shown.length
  return notice(`[${team.name}] ${fileName}: import undone`, [
    `The import of ${fileName} (run ${runNumber}) was undone by ${by}: ${undoWords(figures)}.`,
    ...(left > 0 ? ['Left as they are:', ...shown, ...(more > 0 ? [`- and ${figure(more)} more`] : [])] : []),
    'The file is not imported again by itself. To import it, send it again, or use Import anyway or Manual Import.',
  ])
}

const LEFT_TOLD = 20

function title({ name }: Slot): string {
  return DAILY_WINDOWS[name].title
}

function notice(subject: string, paragraphs: readonly string[]): Notice {
  return {
    // A line break in a name would start a header of its own.
    subject: subject.replace(/\p{Cc}+/gu, ' '),
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="en"><body style="font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px">\n${paragraphs
      .map((paragraph) => `<p>${escaped(paragraph)}</p>`)
      .join('\n')}\n</body></html>\n`,
  }
}
