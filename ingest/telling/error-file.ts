import type { ImportSettings } from '../../model/import-settings.ts'
import type { RecordError } from '../../model/record.ts'
import { textEncoder } from '../formats/encoding.ts'
import { plainValue } from '../records/cell.ts'
import { mappedNames } from '../records/column-mapping.ts'
import { recordText } from '../records/record-text.ts'

const OWN_COLUMNS = ['line', 'code', 'message']

type ErrorFileSettings = Pick<ImportSettings, 'file' | 'fields' | 'optOut' | 'aliases' | 'additionalFields'>

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
  const { delimiter } = settings.file
  const encode = textEncoder(settings.file.encoding)
  yield encode(recordText([...ownColumns(header, settings), ...header], delimiter))
  for await (const { line, errors: faults, values } of errors) {
    const codes = faults.map(({ code }) => code).join('; ')
    const messages = faults.map(({ message }) => message).join('; ')
    yield encode(recordText([String(line), codes, messages, ...values], delimiter))
  }
}

/**
 * The names of our columns. If one is mapped, or is in the file, the corrected file would be refused for a name
 * that occurs twice, or our words be read as values.
 */
function ownColumns(header: readonly string[], settings: ErrorFileSettings): string[] {
  const taken = new Set([...header, ...mappedNames(settings)].map((name) => plainValue(name).toLowerCase()))
  return OWN_COLUMNS.map((name) => {
    let free = name
    while (taken.has(free)) free = `error ${free}`
    return free
  })
}
