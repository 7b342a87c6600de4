import { DELIMITERS, type Delimiter } from '../../model/delimiters.ts'
import { unclosedQuotes } from './delimited.ts'
import type { FormDamage, FramerSink, Quotes } from './framer.ts'

/** A record as the framer found it. */
export interface FoundRecord {
  line: number
  bytes: Buffer
  values: number
  quotes: Quotes
}

/** The first record as the framer found it. */
export type FoundHeader =
  | FoundRecord
  | { line: number; damage: FormDamage; bytes: Buffer; value: number; valueLine: number }

/** So many records show what the columns hold, and so long ones. */
const KEPT_RECORDS = 50
const KEPT_BYTES = 16 * 1024

/** Looks at the form of the records only: nothing is split, and nothing but the header and a few records is kept. */
export class FormSurvey implements FramerSink {
  header: FoundHeader | null = null
  records = 0
  /** Decided by the first undamaged record. */
  trailingEmptyValue = false
  /** The first records with one value more than the header, in a file that has a trailing empty value. */
  readonly oneTooMany: FoundRecord[] = []
  readonly #delimiter: number
  readonly #countUnclosed = unclosedQuotes()
  #wellFormed = 0
  #width = 0
  readonly #rowNames: RowNames

  constructor(delimiter: Delimiter) {
    this.#delimiter = DELIMITERS[delimiter].character.charCodeAt(0)
    this.#rowNames = new RowNames(DELIMITERS[delimiter].character)
  }

  /** Row names without a header shift every column: each record has one value more, and the first only counts. */
  get countsRecords(): boolean {
    return this.countsSome && (this.#rowNames.isCertain || this.#rowNames.others === 0)
  }

  /** As `countsRecords`, but other records may stand between them: a trailer, a comment, a cut line. */
  get countsSome(): boolean {
    return this.trailingEmptyValue && this.#rowNames.count
  }

  record(bytes: Buffer, start: number, end: number, line: number, values: number, quotes: Quotes): void {
    if (this.header === null) {
      const header = Buffer.from(bytes.subarray(start, end))
      this.header = { line, bytes: header, values, quotes }
      this.#width = values
      return
    }
    this.records++
    const isTooMany = values === this.#width + 1
    if (this.#wellFormed++ === 0) this.trailingEmptyValue = isTooMany && this.#endsWithEmptyValue(bytes, end)
    if (!this.trailingEmptyValue) return
    if (!isTooMany) {
      this.#rowNames.other()
      return
    }
    if (this.#rowNames.count) this.#rowNames.look(bytes, start, this.#endsWithEmptyValue(bytes, end))
    if (this.oneTooMany.length < KEPT_RECORDS && end - start <= KEPT_BYTES)
      this.oneTooMany.push({ line, bytes: Buffer.from(bytes.subarray(start, end)), values, quotes })
  }

  damaged(damage: FormDamage, raw: Buffer, line: number, value: number, valueLine: number): void {
    if (this.header === null) {
      this.header = { line, damage, bytes: raw, value, valueLine }
      return
    }
    this.records++
    this.#rowNames.damaged()
    this.#countUnclosed(damage, valueLine)
  }

  #endsWithEmptyValue(bytes: Buffer, end: number): boolean {
    const delimiter = this.#delimiter
    if (bytes[end - 1] === delimiter) return true
    return bytes.toString('latin1', end - 2, end) === '""' && bytes[end - 3] === delimiter
  }
}

/** Whether the first values are nothing but 0, 1, 2 ... or 1, 2, 3 ..., with room for the records between them that are of another form. */
class RowNames {
  count = true
  /** One of them has its last value: it belongs to the last column, so all values stand one column too far to the right. */
  isCertain = false
  /** Records of another width. */
  others = 0
  readonly #delimiter: string
  #last = -1
  /** Records since the last one that was counted. */
  #between = 1

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  other(): void {
    this.others++
    this.#between++
  }

  damaged(): void {
    this.#between++
  }

  look(bytes: Buffer, start: number, isLastEmpty: boolean): void {
    const number = this.#numberAt(bytes, start)
    this.count = number !== null && number > this.#last && number <= this.#last + 1 + this.#between
    if (!isLastEmpty) this.isCertain = true
    this.#last = number ?? this.#last
    this.#between = 0
  }

  /** The first value of a record where it is a plain number, in quotes or not. */
  #numberAt(bytes: Buffer, start: number): number | null {
    const found = /^"?(0|[1-9]\d{0,9})"? *(.)/.exec(bytes.toString('latin1', start, start + 16))
    return found?.[2] === this.#delimiter ? Number(found[1]) : null
  }
}
