import type { FileContent } from '../formats/content.ts'
import type { FileEncoding } from '../formats/encoding.ts'
import { FormSurvey } from '../formats/form-survey.ts'
import type { FormDamage, FramerSink, Quotes } from '../formats/framer.ts'
import { FileScan, type FileSettings, type FileSurvey, readHeader, surveyOf, withHead } from '../formats/survey.ts'
import { RecordChunk } from './record-chunk.ts'

/** The beginning of the file misled; only a complete scan can tell. */
export class InDoubt extends Error {
  override readonly name = 'InDoubt'
}

/** Of the whole file, or only as its beginning looks. */
export interface FileForm {
  header: FileSurvey['header']
  encoding: FileEncoding
  trailingEmptyValue: boolean
}

/** A record of `values` values may end in the empty value that this file's records have after their columns. */
export function hasTrailingEmptyValue({ trailingEmptyValue, header }: FileForm, values: number): boolean {
  return trailingEmptyValue && values === header.values.length + 1
}

/**
 * Reads a file from end to end, chunk by chunk of records, and surveys it on the way. What `known` does not tell is assumed
 * from the first records; where a later record speaks against that, it throws `InDoubt`. The caller releases each chunk that it has read.
 */
export async function* filePass(
  content: FileContent,
  file: FileSettings,
  known: FileSurvey | null,
  recordsPerChunk: number,
): AsyncGenerator<{ chunk: RecordChunk; form: FileForm; bytesRead: number }, FileSurvey> {
  // What the settings say need not be found out.
  const told = file.encoding === 'windows-1252' ? file.encoding : null
  const sink = new ChunkingSink(new FormSurvey(file.delimiter), recordsPerChunk)
  const scan = new FileScan(file, sink, known?.encoding ?? told)
  const { survey } = sink
  let form: FileForm | null = known
  const formNow = (): FileForm => {
    if (!survey.header) throw new Error('there are no records above the header')
    const { trailingEmptyValue } = survey
    form ??= {
      header: readHeader(survey.header, file.delimiter, scan.encoding, scan.isTranscoded),
      encoding: scan.encoding,
      trailingEmptyValue,
    }
    if (!known && form.trailingEmptyValue !== trailingEmptyValue) throw new InDoubt()
    return form
  }
  for await (const bytes of withHead(content.read())) {
    scan.push(bytes)
    if (scan.inDoubt) throw new InDoubt()
    for (const chunk of sink.full.splice(0)) yield { chunk, form: formNow(), bytesRead: scan.bytes }
  }
  scan.finish()
  if (!known && !told && scan.fallback) throw new InDoubt()
  for (const chunk of sink.rest()) yield { chunk, form: formNow(), bytesRead: scan.bytes }
  return surveyOf(scan, survey, file.delimiter)
}

/** The first record is the header; those below it go into chunks. */
class ChunkingSink implements FramerSink {
  readonly survey: FormSurvey
  readonly full: RecordChunk[] = []
  readonly #recordsPerChunk: number
  /** Chunks that have been read. */
  readonly #pool: RecordChunk[] = []
  #chunk: RecordChunk

  constructor(survey: FormSurvey, recordsPerChunk: number) {
    this.survey = survey
    this.#recordsPerChunk = recordsPerChunk
    this.#chunk = RecordChunk.from(this.#pool, recordsPerChunk)
  }

  record(bytes: Buffer, start: number, end: number, line: number, values: number, quotes: Quotes): void {
    const below = this.survey.header !== null
    this.survey.record(bytes, start, end, line, values, quotes)
    if (!below) return
    this.#chunk.record(bytes, start, end, line, values, quotes)
    this.#turn()
  }

  damaged(damage: FormDamage, raw: Buffer, line: number, value: number, valueLine: number): void {
    const below = this.survey.header !== null
    this.survey.damaged(damage, raw, line, value, valueLine)
    if (!below) return
    this.#chunk.damaged(damage, raw, line, value, valueLine)
    this.#turn()
  }

  #turn(): void {
    if (!this.#chunk.full) return
    this.full.push(this.#chunk)
    this.#chunk = RecordChunk.from(this.#pool, this.#recordsPerChunk)
  }

  rest(): RecordChunk[] {
    const all = this.full.splice(0)
    return this.#chunk.length > 0 ? [...all, this.#chunk] : all
  }
}
