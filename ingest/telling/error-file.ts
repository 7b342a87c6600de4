import type { ImportSettings } from '../../model/import-settings.ts'
import type { RecordError } from '../../model/record.ts'
import { textEncoder } from '../formats/encoding.ts'
import { DELIMITER_CHARACTERS } from '../formats/index.ts'
import { guardedCell, plainValue } from '../records/cell.ts'
import { mappedNames } from '../records/column-mapping.ts'

const OWN_COLUMNS = ['line', 'code', 'message']

type ErrorFileSettings = Pick<ImportSettings, 'file' | 'fields' | 'optOut' | 'additionalFields'>

/**
 * The error file of a batch: `line, code, message` and then the original columns, in the file's own delimiter and in the
 * encoding that the settings demand, so that it can be corrected and sent again. Cells that a spreadsheet would run as a
 * formula are neutralised.
 */
export async function* errorFile(
  header: readonly string[],
  settings: ErrorFileSettings,
  errors: AsyncIterable<RecordError>,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  const character = DELIMITER_CHARACTERS[settings.file.delimiter]
  const encode = textEncoder(settings.file.encoding)
  yield encode(recordText([...ownColumns(header, settings), ...header], character))
  for await (const { line, errors: faults, values } of errors) {
    const codes = faults.map(({ code }) => code).join('; ')
    const messages = faults.map(({ message }) => message).join('; ')
    yield encode(recordText([String(line), codes, messages, ...values], character))
  }
}

/**
 * The names of our columns. One that is mapped, or stands in the file, would make the corrected file be refused for a name
 * that stands twice, or our words be taken for values.
 */
function ownColumns(header: readonly string[], settings: ErrorFileSettings): string[] {
  const taken = new Set([...header, ...mappedNames(settings)].map((name) => plainValue(name).toLowerCase()))
  return OWN_COLUMNS.map((name) => {
    let free = name
    while (taken.has(free)) free = `error ${free}`
    return free
  })
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
