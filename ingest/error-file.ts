import type { Delimiter } from '../model/import-settings.ts'
import type { RecordError } from '../model/record.ts'
import { guardedCell } from './cell.ts'
import { DELIMITER_CHARACTERS } from './formats/index.ts'

const OWN_COLUMNS = ['line', 'code', 'message']

/**
 * The error file of a batch: `line, code, message` and then the original columns, in the file's own delimiter, so that
 * it can be corrected and sent again. Cells that a spreadsheet would run as a formula are neutralised.
 */
export async function* errorFile(
  header: readonly string[],
  delimiter: Delimiter,
  errors: AsyncIterable<RecordError>,
): AsyncGenerator<string> {
  const character = DELIMITER_CHARACTERS[delimiter]
  const taken = new Set(header.map((name) => name.trim().toLowerCase()))
  // A mapped column of the same name would otherwise stand there twice, and the corrected file be refused for it.
  yield recordText([...OWN_COLUMNS.map((name) => (taken.has(name) ? `error ${name}` : name)), ...header], character)
  for await (const { line, errors: faults, values } of errors) {
    const codes = faults.map(({ code }) => code).join('; ')
    const messages = faults.map(({ message }) => message).join('; ')
    yield recordText([String(line), codes, messages, ...values], character)
  }
}

function recordText(values: readonly string[], delimiter: string): string {
  return `${values.map((value) => cell(value, delimiter)).join(delimiter)}\r\n`
}

/** Quoted wherever a reader could take it for something else: in a tab file too a value that begins with a quote would be unquoted. */
function cell(value: string, delimiter: string): string {
  const text = guardedCell(value)
  const plain = !text.startsWith("'") && !/["\r\n]/.test(text) && !text.includes(delimiter)
  return plain ? text : `"${text.replaceAll('"', '""')}"`
}
