import type { Delimiter } from '../../model/import-settings.ts'
import type { FileRecord } from '../../model/record.ts'
import type { FileContent } from './content.ts'
import { type DelimiterCharacter, delimitedRecords } from './delimited.ts'
import type { FileSurvey } from './survey.ts'

/** Reads the records below the header of a file that was surveyed, in the order of the file, as many at a time as are at hand. */
export type RecordReader = (content: FileContent, survey: FileSurvey) => AsyncIterable<FileRecord[]>

export const DELIMITER_CHARACTERS: Record<Delimiter, DelimiterCharacter> = { comma: ',', tab: '\t' }

export const RECORD_READERS: Record<Delimiter, RecordReader> = {
  comma: (content, survey) => recordsBelowHeader(content, survey, ','),
  tab: (content, survey) => recordsBelowHeader(content, survey, '\t'),
}

async function* recordsBelowHeader(content: FileContent, survey: FileSurvey, delimiter: DelimiterCharacter) {
  const { encoding, header, trailingEmptyValue } = survey
  for await (const records of delimitedRecords(content, encoding, delimiter)) {
    const below = records.filter((record) => record.line > header.line)
    if (trailingEmptyValue)
      for (const record of below)
        if ('values' in record && record.values.length === header.values.length + 1) record.values.pop()
    if (below.length > 0) yield below
  }
}
