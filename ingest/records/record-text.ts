import { DELIMITERS, type Delimiter } from '../../model/delimiters.ts'
import { guardedCell } from './cell.ts'

/** One record of a delimited file (RFC 4180) that a spreadsheet may open: a value that it would run as a formula is guarded. */
export function recordText(values: readonly (string | null)[], delimiter: Delimiter = 'comma'): string {
  const { character } = DELIMITERS[delimiter]
  return `${values.map((value) => cell(value ?? '', character)).join(character)}\r\n`
}

/**
 * Quoted wherever a reader could take it for something else: in a tab file too a value that begins with a quote would be
 * unquoted, and some spreadsheets divide at every separator that they know.
 */
function cell(value: string, delimiter: string): string {
  const text = guardedCell(value)
  const plain = !text.startsWith("'") && !/["\r\n,;\t]/.test(text) && !text.includes(delimiter)
  return plain ? text : `"${text.replaceAll('"', '""')}"`
}
