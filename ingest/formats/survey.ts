import { createHash } from 'node:crypto'
import type { Delimiter } from '../../model/delimiters.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { FileRecord, FileWarning } from '../../model/record.ts'
import { BatchProblem } from '../records/batch-problem.ts'
import { quoted } from '../records/cell.ts'
import type { FileContent } from './content.ts'
import { RecordSplitter } from './delimited.ts'
import { delimiterHint } from './delimiter-hint.ts'
import { type FileEncoding, TRANSCODERS, Utf8Evidence } from './encoding.ts'
import { FormSurvey, type FoundHeader, type FoundRecord } from './form-survey.ts'
import { Framer, type FramerSink } from './framer.ts'
import { checkSignature, checkZeroBytes, encodingOf, HEAD_BYTES } from './signature.ts'

/** Must be known before the first record is read. */
export interface FileSurvey {
  encoding: FileEncoding
  /** Of the bytes as they were uploaded, in lower-case hexadecimal. */
  sha256: string
  bytes: number
  /** As written in the file, and the physical line on which it starts. */
  header: { line: number; values: string[] }
  /** Records below the header, damaged ones included. */
  records: number
  /** The first record has one empty value more than the header: some exports end each line with a delimiter. */
  trailingEmptyValue: boolean
  /** The first records with one value more than the header, in a file that has a trailing empty value. */
  oneTooMany: { /** Their first values count them. */ count: boolean; records: string[][] }
  warnings: FileWarning[]
}

/** Reads a file once, in constant memory. Throws a `BatchProblem` where it cannot be imported at all. */
export async function surveyFile(content: FileContent, file: FileSettings): Promise<FileSurvey> {
  const form = new FormSurvey(file.delimiter)
  const scan = new FileScan(file, form)
  for await (const chunk of withHead(content.read())) scan.push(chunk)
  scan.finish()
  return surveyOf(scan, form, file.delimiter)
}

export type FileSettings = Pick<ImportSettings['file'], 'delimiter' | 'encoding'>

/** After a complete scan. Throws `BatchProblem`. */
export function surveyOf(scan: FileScan, form: FormSurvey, delimiter: Delimiter): FileSurvey {
  if (!form.header)
    throw new BatchProblem(
      'F_EMPTY',
      'The file is empty: it holds no header and no records. Check the export and upload it again.',
    )
  if (form.countsRecords) throw new ColumnShift()
  const { encoding, fallback, isTranscoded, disproof } = scan
  if (disproof !== null)
    throw new BatchProblem(
      'F_ENCODING',
      `The file is neither UTF-8 nor Windows-1252, which has no byte ${disproof.toString(16).toUpperCase()}. It may be in the encoding of a Mac or of DOS, and its accents would be stored wrong. Export it in UTF-8.`,
    )
  const warnings: FileWarning[] = []
  if (fallback)
    warnings.push({
      code: 'W_ENCODING_FALLBACK',
      message: 'The file is not valid UTF-8 and was read as Windows-1252. Export it in UTF-8, or set the encoding.',
    })
  if (form.records === 0) warnings.push({ code: 'W_NO_RECORDS', message: 'The file holds a header and no records.' })
  return {
    encoding,
    sha256: scan.sha256,
    bytes: scan.bytes,
    header: readHeader(form.header, delimiter, encoding, isTranscoded),
    records: form.records,
    trailingEmptyValue: form.trailingEmptyValue,
    oneTooMany: {
      count: form.countsSome,
      records: form.oneTooMany.flatMap((found) => {
        const record = splitFound(found, delimiter, encoding, isTranscoded)
        return 'values' in record ? [record.values] : []
      }),
    },
    warnings,
  }
}

/** Row names without a header. */
export class ColumnShift extends BatchProblem {
  constructor() {
    super(
      'F_COLUMN_SHIFT',
      'The records have one value more than the header, and the first is a row name without a header, so that each value stands one column too far to the right. Export without row names, or give them a header.',
    )
  }
}

/** Feeds the bytes of a file to the framer: checks what kind of file it is, decodes, drops marks, and hashes on the way. */
export class FileScan {
  bytes = 0
  readonly #file: FileSettings
  readonly #framer: Framer
  readonly #hash = createHash('sha256')
  readonly #evidence = new Utf8Evidence()
  readonly #known: FileEncoding | null
  #told: FileEncoding | null = null
  #transcoder = TRANSCODERS['utf-8']()

  /** `known` is the encoding where an earlier scan has found it out. */
  constructor(file: FileSettings, sink: FramerSink, known: FileEncoding | null = null) {
    this.#file = file
    this.#framer = new Framer(file.delimiter, sink)
    this.#known = known
  }

  push(chunk: Buffer): void {
    if (this.bytes === 0) this.#begin(chunk)
    this.bytes += chunk.length
    this.#hash.update(chunk)
    if (this.#told === null) this.#evidence.push(chunk)
    this.#framer.push(this.#transcoder.push(chunk))
  }

  finish(): void {
    this.#framer.push(this.#transcoder.finish())
    this.#framer.finish()
  }

  #begin(head: Buffer): void {
    checkSignature(head)
    this.#told = encodingOf(head, this.#file.encoding)
    if (this.#told !== 'utf-16le' && this.#told !== 'utf-16be') checkZeroBytes(head)
    if (this.#known) this.#transcoder = TRANSCODERS[this.#known]()
    // Delimiters, quotes and line ends are the same bytes in UTF-8 and Windows-1252: no need to know yet which it is.
    else if (this.#told !== null && this.#told !== 'windows-1252') this.#transcoder = TRANSCODERS[this.#told]()
  }

  /** The bytes so far may or may not be UTF-8: no record can be decoded before the end of the file. */
  get inDoubt(): boolean {
    return this.#known === null && this.#told === null && this.#evidence.undecided
  }

  /** The framer sees UTF-8; otherwise its bytes are provisional until the end of the file. */
  get isTranscoded(): boolean {
    return this.#known !== null
  }

  get fallback(): boolean {
    return this.#told === null && (this.#known ? this.#known === 'windows-1252' : this.#evidence.speaksAgainst)
  }

  /** A byte by which the file cannot be what it would be read as; null where there is none, or nothing was guessed. */
  get disproof(): number | null {
    return this.fallback ? this.#evidence.disproof : null
  }

  get encoding(): FileEncoding {
    return this.#known ?? (this.fallback ? 'windows-1252' : (this.#told ?? 'utf-8'))
  }

  get sha256(): string {
    return this.#hash.copy().digest('hex')
  }
}

/** The same bytes, the first chunk being all that is looked at to tell what the file is. */
export async function* withHead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const head: Buffer[] = []
  let held = 0
  for await (const chunk of chunks) {
    if (held >= HEAD_BYTES) yield chunk
    else {
      head.push(Buffer.from(chunk))
      held += chunk.length
      if (held >= HEAD_BYTES) yield Buffer.concat(head)
    }
  }
  if (held > 0 && held < HEAD_BYTES) yield Buffer.concat(head)
}

export function readHeader(
  found: FoundHeader,
  delimiter: Delimiter,
  encoding: FileEncoding,
  isTranscoded: boolean,
): FileSurvey['header'] {
  const header = splitFound(found, delimiter, encoding, isTranscoded)
  if (!('damage' in header)) return header
  const hint = delimiterHint(header.raw, delimiter)
  throw new BatchProblem(
    header.damage === 'E_ENCODING' ? 'F_ENCODING' : 'F_HEADER_MISSING',
    `The header on line ${header.line} cannot be read. ${hint ?? header.message} The line begins: ${quoted(header.raw)}.`,
  )
}

function splitFound(
  found: FoundHeader | FoundRecord,
  delimiter: Delimiter,
  encoding: FileEncoding,
  isTranscoded: boolean,
): FileRecord {
  const splitter = new RecordSplitter(delimiter, encoding)
  // UTF-16 was transcoded before the record was found.
  const bytes = encoding === 'windows-1252' && !isTranscoded ? TRANSCODERS[encoding]().push(found.bytes) : found.bytes
  if ('damage' in found) splitter.damaged(found.damage, bytes, found.line, found.value, found.valueLine)
  else splitter.record(bytes, 0, bytes.length, found.line, found.values, found.quotes)
  return splitter.take()[0] as FileRecord
}
