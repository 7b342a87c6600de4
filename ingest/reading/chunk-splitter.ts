import type { Delimiter } from '../../model/delimiters.ts'
import type { FileRecord } from '../../model/record.ts'
import type { FileContent } from '../formats/content.ts'
import { RecordSplitter } from '../formats/delimited.ts'
import type { FileSettings, FileSurvey } from '../formats/survey.ts'
import { type FileForm, filePass, hasTrailingEmptyValue } from './file-pass.ts'
import { RECORDS_PER_CHUNK, type RecordChunk } from './record-chunk.ts'

/** Splits records of chunks into their values; the trailing empty value that records of a file may have is left out. */
export class ChunkSplitter {
  readonly #form: FileForm
  readonly #splitter: RecordSplitter

  constructor(delimiter: Delimiter, form: FileForm) {
    this.#form = form
    this.#splitter = new RecordSplitter(delimiter, form.encoding)
  }

  split(chunk: RecordChunk, index: number): void {
    const damaged = chunk.damageOf(index)
    if (damaged) this.#splitter.damaged(damaged.damage, damaged.raw, damaged.line, damaged.value, damaged.valueLine)
    else {
      const [start, end] = [chunk.start(index), chunk.end(index)]
      this.#splitter.record(chunk.bytes, start, end, chunk.line(index), chunk.values(index), chunk.quotes(index))
    }
  }

  /** The records since the last call. */
  take(): FileRecord[] {
    const records = this.#splitter.take()
    if (this.#form.trailingEmptyValue)
      for (const record of records)
        if (
          'values' in record &&
          record.values.at(-1) === '' &&
          hasTrailingEmptyValue(this.#form, record.values.length)
        )
          record.values.pop()
    return records
  }
}

/** The records below the header of a file that was surveyed, in the order of the file, some at a time. */
export async function* recordsOf(
  content: FileContent,
  file: FileSettings,
  survey: FileSurvey,
): AsyncGenerator<FileRecord[]> {
  const splitter = new ChunkSplitter(file.delimiter, survey)
  for await (const { chunk } of filePass(content, file, survey, RECORDS_PER_CHUNK)) {
    for (let index = 0; index < chunk.length; index++) splitter.split(chunk, index)
    chunk.release()
    yield splitter.take()
  }
}
