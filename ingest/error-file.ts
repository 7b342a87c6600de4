import type { Delimiter } from '../model/import-settings.ts'
import type { RecordError } from '../model/record.ts'

/**
 * The error file of a batch: `line, code, message` and then the original columns, in the file's own delimiter, so that
 * it can be corrected and sent again. Cells that a spreadsheet would run as a formula are neutralised.
 */
export async function* errorFile(
  _header: readonly string[],
  _delimiter: Delimiter,
  _errors: AsyncIterable<RecordError>,
): AsyncGenerator<string> {}
