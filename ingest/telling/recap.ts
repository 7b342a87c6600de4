import { type Batch, keptNote, notKept } from '../../model/run.ts'
import { FILE_CODE_TITLES } from '../../model/wording/code-titles.ts'
import { figure } from '../../model/wording/figure.ts'
import { escaped } from './escaped.ts'
import type { RecapFacts } from './recap-facts.ts'
import { detailsOf, type Section, sectionsOf } from './recap-sections.ts'

export interface Recap {
  subject: string
  text: string
  html: string
}

/**
 * The recap of a batch, as a subject and the same facts in text and in HTML: what happened in one sentence, what there is to
 * do, what has changed, and last what only an engineer asks for.
 */
export function recap(facts: RecapFacts): Recap {
  const subject = `[${facts.team.name}] ${facts.batch.fileName}: ${headlineOf(facts.batch)}`
  return {
    // A line break in a name would start a header of its own.
    subject: subject.replace(/\p{Cc}+/gu, ' '),
    text: asText(facts),
    html: asHtml(facts),
  }
}

/** What became of the file, in one sentence. */
export function sentenceOf({ state, counts, problem }: Batch): string {
  switch (state) {
    case 'rejected':
      return `The file was not imported: ${problem?.code ? FILE_CODE_TITLES[problem.code] : 'it was rejected'}.`
    case 'held':
      return 'The file is held: nothing of it has been imported yet. Approve or discard it.'
    case 'aborted':
      return problem?.message ?? 'The run was stopped. Nothing was imported.'
    case 'failed':
      return problem?.message ?? 'The import failed. Nothing was imported.'
    case 'undone':
      return 'This import was undone.'
  }
  if (counts.records === 0) return 'The file has no records. Nothing was changed.'
  const whole = `${figure(counts.imported)} of ${counts.records === 1 ? '1 record' : `${figure(counts.records)} records`} imported`
  return counts.rejected === 0
    ? `${whole}.`
    : `${whole}; ${figure(counts.rejected)} had ${counts.rejected === 1 ? 'an error' : 'errors'}.`
}

function headlineOf({ state, counts, problem }: Batch): string {
  const whole = `${figure(counts.imported)} of ${figure(counts.records)}`
  switch (state) {
    case 'rejected':
      return `not imported, ${problem?.code ? FILE_CODE_TITLES[problem.code] : 'the file was rejected'}`
    case 'held':
      return 'not imported, held for approval'
    case 'aborted':
      return 'not imported, the run was stopped'
    case 'failed':
      return 'not imported, the import failed'
    case 'undone':
      return 'import undone'
    default:
      return `${whole} imported, ${figure(counts.rejected)} ${counts.rejected === 1 ? 'error' : 'errors'}`
  }
}

function errorsNote({ batch, errorsAttached }: RecapFacts): string | null {
  if (batch.counts.rejected === 0) return null
  const notes: string[] = []
  const fix = 'Fix its records and upload it again as it is; its first three columns are ignored.'
  if (errorsAttached > 0) notes.push(`The error file is attached. ${fix}`)
  else if (batch.errorsKept > 0)
    notes.push(`The error file is on the page of the run, as your mail server does not take it. ${fix}`)
  const leftOut = batch.errorsKept - errorsAttached
  if (errorsAttached > 0 && leftOut > 0)
    notes.push(`It leaves out ${figure(leftOut)} records; the file on the page of the run has them.`)
  if (notKept(batch) > 0) notes.push(keptNote(batch))
  return notes.join(' ')
}

function asText(facts: RecapFacts): string {
  const asLines = ({ title, facts: lines }: Section) => {
    const width = Math.max(...lines.map(([name]) => name.length)) + 1
    return [title, ...lines.map(([name, value]) => `  ${`${name}:`.padEnd(width)} ${value}`)].join('\n')
  }
  const blocks = [
    sentenceOf(facts.batch),
    errorsNote(facts),
    `See the run: ${facts.link}`,
    ...[...sectionsOf(facts), detailsOf(facts)].map(asLines),
  ]
  return `${blocks.filter((block) => block !== null).join('\n\n')}\n`
}

const FONT = 'font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#1a1a1a'
const SMALL = 'font-family:Arial,Helvetica,sans-serif;font-size:12px;line-height:16px;color:#555555'
const BUTTON = `${FONT};color:#ffffff;background:#0b57d0;text-decoration:none;padding:8px 16px;border-radius:4px;display:inline-block`

/** Tables and inline style only: what every mail program shows alike. */
function asHtml(facts: RecapFacts): string {
  const note = errorsNote(facts)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(facts.batch.fileName)}</title></head>
<body style="margin:0;padding:16px;background:#ffffff">
<p style="${FONT};font-size:18px;line-height:24px;margin:0 0 4px"><strong>${escaped(sentenceOf(facts.batch))}</strong></p>
<p style="${FONT};color:#555555;margin:0 0 12px">${escaped(facts.batch.fileName)}, ${escaped(facts.team.name)}</p>
${note === null ? '' : `<p style="${FONT};margin:0 0 12px">${escaped(note)}</p>\n`}<p style="margin:0 0 8px"><a href="${escaped(facts.link)}" style="${BUTTON}">See the run</a></p>
${sectionsOf(facts)
  .map((section) => asTable(section, FONT))
  .join('\n')}
${asTable(detailsOf(facts), SMALL)}
</body></html>
`
}

function asTable({ title, facts }: Section, font: string): string {
  const rows = facts.map(
    ([name, value]) =>
      `<tr><td valign="top" style="${font};color:#555555;padding:2px 16px 2px 0;white-space:nowrap">${escaped(name)}</td>` +
      `<td valign="top" style="${font};padding:2px 0;word-break:break-word">${escaped(value)}</td></tr>`,
  )
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="max-width:640px">
<tr><td colspan="2" style="${font};font-weight:bold;padding:16px 0 4px">${escaped(title)}</td></tr>
${rows.join('\n')}
</table>`
}
