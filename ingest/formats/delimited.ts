import { isUtf8 } from 'node:buffer'
import { type Options, parse } from 'csv-parse/sync'
import { DELIMITERS, type Delimiter } from '../../model/delimiters.ts'
import type { FileRecord } from '../../model/record.ts'
import { figure } from '../../model/wording/figure.ts'
import { BatchProblem } from '../records/batch-problem.ts'
import { ENCODING_NAMES, type FileEncoding } from './encoding.ts'
import {
  type FormDamage,
  type FramerSink,
  MAX_RAW_BYTES,
  MAX_RECORD_BYTES,
  MAX_RECORD_VALUES,
  type Quotes,
} from './framer.ts'

/** Past this many quotes that are not closed a file is not worth reading: the delimiter or the quoting is another. */
const MAX_UNCLOSED_QUOTES = 1_000

/** Counts the quotes that were not closed; more than a thousand reject the file. */
export function unclosedQuotes(): (damage: FormDamage, line: number) => void {
  let count = 0
  return (damage, line) => {
    if (damage !== 'unclosed_quote' || ++count <= MAX_UNCLOSED_QUOTES) return
    throw new BatchProblem(
      'F_TOO_DAMAGED',
      `More than ${figure(MAX_UNCLOSED_QUOTES)} values open a quote that is not closed; the last one seen stands on line ${line}. ` +
        'Check how the export quotes its values: a quote inside a value must be doubled.',
    )
  }
}

function damageMessage(damage: FormDamage, value: number, valueLine: number): string {
  switch (damage) {
    case 'stray_quote':
      return `Value ${value} on line ${valueLine} holds a quote but does not begin with one. Put the whole value in quotes and double the quotes inside it.`
    case 'text_after_quote':
      return `Value ${value} on line ${valueLine} goes on after its closing quote. Double the quotes inside the value.`
    case 'unclosed_quote':
      return `The quote that opens value ${value} on line ${valueLine} is not closed.`
    case 'too_many_bytes':
      return `The record is longer than ${figure(MAX_RECORD_BYTES)} bytes, the limit of one record.`
    case 'too_many_values':
      return `The record has more than ${figure(MAX_RECORD_VALUES)} values, the limit of one record.`
  }
}

/** Left to itself csv-parse takes the line end from the first line only, and glues records together without an error. */
const STRICT: Options = {
  record_delimiter: ['\r\n', '\n', '\r'],
  columns: false,
  // Widths are checked by our own rule, record by record, where csv-parse would throw the whole batch away.
  relax_column_count: true,
}

/** Turns framed records into values. Records with doubled quotes wait for `take`, so that csv-parse is called once for many. */
export class RecordSplitter implements FramerSink {
  readonly #delimiter: string
  readonly #encodingName: string
  readonly #countUnclosed = unclosedQuotes()
  #records: FileRecord[] = []
  #quoted: { values: string[] }[] = []
  #quotedBytes: Buffer[] = []

  constructor(delimiter: Delimiter, encoding: FileEncoding) {
    this.#delimiter = DELIMITERS[delimiter].character
    this.#encodingName = ENCODING_NAMES[encoding]
  }

  record(bytes: Buffer, start: number, end: number, line: number, _values: number, quotes: Quotes): void {
    const text = bytes.toString('utf8', start, end)
    // A decoder puts the replacement character where it fails; only then is a second look needed.
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
      this.#records.push({
        line,
        damage: 'E_ENCODING',
        message: `The record holds bytes that are not valid ${this.#encodingName}.`,
        raw: firstLine(bytes.subarray(start, end)),
      })
    } else if (quotes === 'none') this.#records.push({ line, values: text.split(this.#delimiter) })
    else if (quotes !== 'doubled') this.#records.push({ line, values: splitLiteral(text, this.#delimiter) })
    else {
      const record = { line, values: [] }
      this.#records.push(record)
      this.#quoted.push(record)
      this.#quotedBytes.push(Buffer.from(bytes.subarray(start, end)), LINE_END)
    }
  }

  damaged(damage: FormDamage, raw: Buffer, line: number, value: number, valueLine: number): void {
    this.#countUnclosed(damage, valueLine)
    const code = damage === 'too_many_bytes' || damage === 'too_many_values' ? 'E_TOO_LONG' : 'E_QUOTE'
    this.#records.push({ line, damage: code, message: damageMessage(damage, value, valueLine), raw: firstLine(raw) })
  }

  /** The records since the last call. */
  take(): FileRecord[] {
    if (this.#quoted.length > 0) {
      const split = splitQuoted(Buffer.concat(this.#quotedBytes), this.#delimiter)
      if (split.length !== this.#quoted.length)
        throw new Error(`csv-parse found ${split.length} records where the framer found ${this.#quoted.length}`)
      this.#quoted.forEach((record, index) => {
        record.values = split[index] as string[]
      })
      this.#quoted = []
      this.#quotedBytes = []
    }
    const records = this.#records
    this.#records = []
    return records
  }
}

const LINE_END = Buffer.from('\n')

/** Splits cleanly quoted records, one after another, by strict csv-parse. */
export function splitQuoted(records: Buffer, delimiter: string): string[][] {
  return parse(records, { ...STRICT, delimiter }) as string[][]
}

/** Splits one framed record, in which some quotes may be characters: a value is unquoted only if it is quoted cleanly. */
export function splitLiteral(text: string, delimiter: string): string[] {
  const values: string[] = []
  let start = 0
  while (start <= text.length) {
    const closing = text[start] === '"' ? closingQuote(text, start, delimiter) : -1
    let end = closing + 1
    if (closing < 0) {
      end = text.indexOf(delimiter, start)
      if (end < 0) end = text.length
      values.push(text.slice(start, end))
    } else {
      values.push(text.slice(start + 1, closing).replaceAll('""', '"'))
      end = behindBlanks(text, end, delimiter)
    }
    start = end + 1
  }
  return values
}

/** Where the value that opens a quote at `start` is closed, or -1 when more than blanks, the delimiter or the end follows there. */
function closingQuote(text: string, start: number, delimiter: string): number {
  let at = text.indexOf('"', start + 1)
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  if (at < 0) return -1
  const end = behindBlanks(text, at + 1, delimiter)
  return end === text.length || text[end] === delimiter ? at : -1
}

function behindBlanks(text: string, start: number, delimiter: string): number {
  let at = start
  while (text[at] === ' ' || (text[at] === '\t' && delimiter !== '\t')) at++
  return at
}

/** The first physical line, what cannot be decoded shown as `?`. */
function firstLine(raw: Buffer): string {
  const text = raw.subarray(0, MAX_RAW_BYTES).toString()
  const end = text.search(/[\r\n]/)
  return (end < 0 ? text : text.slice(0, end)).replaceAll('\ufffd', '?')
}
