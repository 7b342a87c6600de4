import { DELIMITERS, type Delimiter } from '../../../model/delimiters.ts'
import { splitLiteral } from '../../formats/delimited.ts'
import type { Quotes } from '../../formats/framer.ts'
import { plainValue } from '../../records/cell.ts'
import { contactIdValue } from '../../records/contact-id.ts'

const SPACE = 0x20
const QUOTE = 0x22
const APOSTROPHE = 0x27
const EQUALS = 0x3d
const BACKSLASH = 0x5c

/** A value that begins with one of these may be blank; any other is not. */
const PERHAPS_BLANK = new Set([QUOTE, APOSTROPHE, EQUALS, BACKSLASH])

/** Looks up single values of a framed record by their column, without decoding or splitting the rest. */
export class ValueFinder {
  readonly #delimiter: string
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #bytes: Buffer = Buffer.alloc(0)
  /** The values themselves, where quotes are characters and a look at single values would not tell. */
  #split: string[] | null = null

  constructor(delimiter: Delimiter) {
    this.#delimiter = DELIMITERS[delimiter].character
  }

  /** Later calls are about this record. */
  look(bytes: Buffer, start: number, end: number, quotes: Quotes): void {
    this.#bytes = bytes
    this.#split = null
    if (quotes === 'literal') this.#split = splitLiteral(bytes.toString('utf8', start, end), this.#delimiter)
    else this.#findEnds(bytes, start, end)
  }

  #findEnds(bytes: Buffer, start: number, end: number): void {
    const delimiter = this.#delimiter.charCodeAt(0)
    let column = 0
    let at = start
    while (at <= end) {
      this.#starts[column] = at
      if (bytes[at] === QUOTE && at < end) {
        // By the grammar a value that begins with a quote ends behind the quote that is not doubled.
        at++
        while (at < end && (bytes[at] !== QUOTE || (at + 1 < end && bytes[++at] === QUOTE))) at++
      }
      while (at < end && bytes[at] !== delimiter) at++
      this.#ends[column++] = at
      at++
    }
  }

  /** The value without outer blanks and what spreadsheets put around it. */
  plain(column: number): string {
    return plainValue(this.#cell(column))
  }

  contactId(column: number): string {
    return contactIdValue(this.#cell(column))
  }

  #cell(column: number): string {
    if (this.#split) return this.#split[column] as string
    const start = this.#starts[column] as number
    const end = this.#ends[column] as number
    if (this.#bytes[start] !== QUOTE || start === end) return this.#bytes.toString('utf8', start, end)
    return this.#bytes.toString('utf8', start + 1, end - 1).replaceAll('""', '"')
  }

  isBlank(column: number): boolean {
    if (!this.#split) {
      const start = this.#starts[column] as number
      if (start === this.#ends[column]) return true
      const first = this.#bytes[start] as number
      if (first > SPACE && first < 0x80 && !PERHAPS_BLANK.has(first)) return false
    }
    return this.plain(column) === ''
  }
}
