import type { FileCheck } from '../../model/check.ts'
import type { WarningCode } from '../../model/codes.ts'
import { WARNING_TITLES } from '../../model/wording/code-titles.ts'
import { figure } from '../../model/wording/figure.ts'

/** Errors beyond these are counted, not told one by one. */
const MOST_ERRORS = 10

/** A dry run for the log of the sending job: a line for programs, a sentence, then warnings and the first errors. */
export function checkLines({ problem, counts, warnings, guardrails, errors }: FileCheck): string[] {
  if (problem) return [`rejected${problem.code ? ` code=${problem.code}` : ''}`, problem.message]
  const { records, imported, created, updated, unchanged, rejected, superseded } = counts
  const outcomes = { records, imported, created, updated, unchanged, rejected, superseded }
  const told = Object.entries(outcomes).map(([outcome, count]) => `${outcome}=${count}`)
  const { held, findings } = guardrails
  const first = errors
    .flatMap(({ code, samples }) => samples.map(({ line, message }) => ({ code, line, message })))
    .sort((a, b) => a.line - b.line)
    .slice(0, MOST_ERRORS)
  return [
    `${held ? 'would_be_held' : 'would_be_imported'} ${told.join(' ')}`,
    `${figure(imported)} of ${figure(records)} records would be imported; ${figure(rejected)} ${rejected === 1 ? 'has' : 'have'} errors.`,
    ...(held ? [`The import would be held for approval. ${findings.map(({ message }) => message).join(' ')}`] : []),
    ...Object.entries(warnings).map(
      ([code, times]) => `${code} ${figure(times)} (${WARNING_TITLES[code as WarningCode]})`,
    ),
    ...errors.map(({ code, field, records }) => `${code}${field === null ? '' : ` ${field}`}: ${figure(records)}`),
    ...first.map(({ line, code, message }) => `Line ${line}: ${code} ${message}`),
  ]
}
