import type { ImportSettings } from '../../model/import-settings.ts'
import type { RecordError } from '../../model/record.ts'
import { figure } from '../../model/wording/figure.ts'
import { textEncoder } from '../formats/encoding.ts'
import { plainValue } from '../records/cell.ts'
import { mappedNames } from '../records/column-mapping.ts'
import { recordText } from '../records/record-text.ts'

const OWN_COLUMNS = ['line', 'code', 'message']

type ErrorFileSettings = Pick<ImportSettings, 'file' | 'fields' | 'optOut' | 'aliases' | 'additionalFields'>

/**
 * The error file of a batch: `line, code, message` and then the original columns, in the file's own delimiter and in the
 * encoding that the settings demand, so that it can be corrected and sent again. Cells that a spreadsheet would run as a
 * formula are neutralised. `notKept` records were rejected, too, and are not stored: the last one that is says so.
 */
export async function* errorFile(
  header: readonly string[],
  settings: ErrorFileSettings,
  errors: AsyncIterable<RecordError>,
  notKept: number,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  const { delimiter } = settings.file
  const encode = textEncoder(settings.file.encoding)
  yield encode(recordText([...ownColumns(header, settings), ...header], delimiter))
  const lineOf = ({ line, errors: faults, values }: RecordError, ...notes: string[]) => {
    const codes = faults.map(({ code }) => code).join('; ')
    const messages = [...faults.map(({ message }) => message), ...notes].join('; ')
    return encode(recordText([String(line), codes, messages, ...values], delimiter))
  }
  let last: RecordError | null = null
  for await (const error of errors) {
    if (last) yield lineOf(last)
    last = error
  }
  // A record of its own would be one more error once the file is sent again.
  if (last) yield notKept > 0 ? lineOf(last, notKeptNote(notKept)) : lineOf(last)
  else if (notKept > 0) yield encode(recordText(['', '', notKeptNote(notKept), ...header.map(() => '')], delimiter))
}

function notKeptNote(records: number): string {
  const [what, are] = records === 1 ? ['record was', 'is'] : ['records were', 'are']
  return `Another ${figure(records)} ${what} rejected and ${are} not kept.`
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
