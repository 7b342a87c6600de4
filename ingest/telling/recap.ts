import { FILE_CODE_TITLES, WARNING_TITLES } from '../../model/code-titles.ts'
import type { ErrorCode, WarningCode } from '../../model/codes.ts'
import { localTime } from '../../model/daily-windows.ts'
import { type Batch, keptNote, notKept, type Run, type RunTrigger } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { escaped } from './escaped.ts'
import { undoWords } from './undo-summary.ts'

export interface RecapFacts {
  team: Pick<Team, 'name' | 'timeZone'>
  run: Pick<Run, 'id' | 'number' | 'trigger' | 'requestedBy'>
  batch: Batch
  /** How many records have each error. */
  errors: Partial<Record<ErrorCode, number>>
  /** Newer files of the same run that could not be read, so that this one was taken. */
  passedOver: readonly { path: string; reason: string }[]
  /** Paths of older matching files that this import left aside for good. */
  supersededFiles: readonly string[]
  /** The batch that imported the very same bytes before, if there is one. */
  identicalTo: string | null
  /** Where the file is now, as a path of the virtual root; null where it was deleted or never was in the root. */
  fileIsAt: string | null
  /** As people say it: `Mon Nov 23, 3-5 AM`; null when no window is enabled. */
  nextWindow: string | null
  /** The page of the run. */
  link: string
  /** How many stored records the attached error file leaves out; the rest is at the link. */
  errorsLeftOut: number
}

export interface Recap {
  subject: string
  text: string
  html: string
}

const TRIGGERS: Record<RunTrigger, string> = {
  scheduled: 'scheduled window',
  on_demand: 'Run Import',
  manual: 'Manual Import',
}

/** The recap of a batch, as a subject and the same facts in text and in HTML. */
export function recap(facts: RecapFacts): Recap {
  const headline = headlineOf(facts.batch)
  const subject = `[${facts.team.name}] ${facts.batch.fileName}: ${headline}`
  const sections = sectionsOf(facts)
  return {
    // A line break in a name would start a header of its own.
    subject: subject.replace(/\p{Cc}+/gu, ' '),
    text: asText(headline, facts, sections),
    html: asHtml(headline, facts, sections),
  }
}

function headlineOf({ state, counts, problem }: Batch): string {
  const whole = `${count(counts.imported)} of ${count(counts.records)}`
  switch (state) {
    case 'rejected':
      return `not imported, ${problem?.code ? FILE_CODE_TITLES[problem.code] : 'the file was rejected'}`
    case 'held':
      return 'not imported, held for approval'
    case 'aborted':
      return 'not imported, the run was aborted'
    case 'failed':
      return 'not imported, the import failed'
    case 'undone':
      return 'import undone'
    default:
      return `${whole} imported, ${count(counts.rejected)} ${counts.rejected === 1 ? 'error' : 'errors'}`
  }
}

interface Section {
  title: string
  facts: [name: string, value: string][]
}

function sectionsOf(facts: RecapFacts): Section[] {
  const { team, run, batch } = facts
  const { counts } = batch
  const time = (instant: string | null) => (instant === null ? '-' : localTime(new Date(instant), team.timeZone))
  const sections: Section[] = []
  if (batch.problem)
    sections.push({ title: 'What is wrong', facts: [[batch.problem.code ?? 'Fault', batch.problem.message]] })
  if (batch.held)
    sections.push({
      title: 'Why it is held (approve or discard it at the link below)',
      facts: batch.held.findings.map(({ message }) => ['Found', message]),
    })
  const { undone } = batch
  if (undone)
    sections.push({
      title: 'Undone',
      facts: [
        ['By', undone.by],
        ['At', time(undone.at)],
        ['Contacts', undoWords(undone)],
      ],
    })
  sections.push(
    {
      title: 'Records',
      facts: [
        ['Records', count(counts.records)],
        ['Created', count(counts.created)],
        ['Updated', count(counts.updated)],
        ['Unchanged', count(counts.unchanged)],
        ['Rejected', count(counts.rejected)],
        ['Superseded', count(counts.superseded)],
        ['Opted out', count(counts.optedOut)],
        ['Opted in', count(counts.optedIn)],
      ],
    },
    { title: 'Errors by code', facts: Object.entries(facts.errors).map(([code, times]) => [code, count(times)]) },
    {
      title: 'Warnings by code',
      facts: Object.entries(batch.warnings).map(([code, times]) => [
        code,
        `${count(times)} (${WARNING_TITLES[code as WarningCode]})`,
      ]),
    },
    {
      title: 'Import',
      facts: [
        ['Team', team.name],
        ['Run', `${run.number} (${run.id})`],
        ['Batch', batch.id],
        ['Trigger', triggerOf(run)],
        ['File', batch.path],
        ['Size', `${count(batch.bytes)} bytes`],
        ['SHA-256', batch.sha256 ?? '-'],
        ...(facts.identicalTo === null
          ? []
          : [['Same file', `identical to batch ${facts.identicalTo}`] as [string, string]]),
        ['Received', time(batch.receivedAt)],
        ['Started', time(batch.startedAt)],
        ['Finished', time(batch.finishedAt)],
        ['File is now', whereIsIt(facts)],
        ['Next window', facts.nextWindow ?? 'none: no window is enabled'],
      ],
    },
    {
      title: 'Newer files passed over (they cannot be read)',
      facts: facts.passedOver.map(({ path, reason }) => ['File', `${path}: ${reason}`]),
    },
    {
      title: 'Older files not imported (superseded)',
      facts: facts.supersededFiles.map((path) => ['File', path]),
    },
  )
  return sections.filter((section) => section.facts.length > 0)
}

function triggerOf({ trigger, requestedBy }: RecapFacts['run']): string {
  if (requestedBy !== null) return `${TRIGGERS[trigger]} by ${requestedBy}`
  // Nobody pressed the button: an upload ended that may be cut off.
  return trigger === 'on_demand' ? 'the end of its upload' : TRIGGERS[trigger]
}

function whereIsIt({ batch, fileIsAt, run }: RecapFacts): string {
  if (fileIsAt !== null) return fileIsAt
  if (batch.afterImport?.action === 'delete') return 'deleted after the import'
  return run.trigger === 'manual' ? 'not kept (Manual Import)' : '-'
}

function errorsNote({ batch, errorsLeftOut }: RecapFacts): string | null {
  if (batch.counts.rejected === 0) return null
  const notes: string[] = []
  if (batch.errorsKept > 0)
    notes.push(
      'The error file is attached: correct its records and send it again as it is; the first three columns are ignored.',
    )
  if (errorsLeftOut > 0)
    notes.push(`It leaves out ${count(errorsLeftOut)} records; the file at the link below has them.`)
  if (notKept(batch) > 0) notes.push(keptNote(batch))
  return notes.join(' ')
}

function asText(headline: string, facts: RecapFacts, sections: readonly Section[]): string {
  const blocks = sections.map(({ title, facts }) => {
    const width = Math.max(...facts.map(([name]) => name.length)) + 1
    return [title, ...facts.map(([name, value]) => `  ${`${name}:`.padEnd(width)} ${value}`)].join('\n')
  })
  const note = errorsNote(facts)
  return [`${facts.batch.fileName}: ${headline}`, ...(note === null ? [] : [note]), ...blocks, facts.link, ''].join(
    '\n\n',
  )
}

const FONT = 'font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#1a1a1a'

/** Tables and inline style only: what every mail program shows alike. */
function asHtml(headline: string, facts: RecapFacts, sections: readonly Section[]): string {
  const note = errorsNote(facts)
  const rows = sections.map(
    ({ title, facts }) =>
      `<tr><td colspan="2" style="${FONT};font-weight:bold;padding:16px 0 4px">${escaped(title)}</td></tr>\n${facts
        .map(
          ([name, value]) =>
            `<tr><td valign="top" style="${FONT};color:#555555;padding:2px 16px 2px 0;white-space:nowrap">${escaped(name)}</td>` +
            `<td valign="top" style="${FONT};padding:2px 0;word-break:break-word">${escaped(value)}</td></tr>`,
        )
        .join('\n')}`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(facts.batch.fileName)}</title></head>
<body style="margin:0;padding:16px;background:#ffffff">
<p style="${FONT};font-size:18px;line-height:24px;margin:0 0 8px"><strong>${escaped(facts.batch.fileName)}</strong>: ${escaped(headline)}</p>
${note === null ? '' : `<p style="${FONT};margin:0 0 8px">${escaped(note)}</p>\n`}<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="max-width:640px">
${rows.join('\n')}
</table>
<p style="${FONT};margin:16px 0 0"><a href="${escaped(facts.link)}" style="color:#0b57d0">Open this run</a></p>
</body></html>
`
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
