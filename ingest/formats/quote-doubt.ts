import { lineDelimiters, lineWidth } from './line-width.ts'

/** Narrower files hold no contacts: four fields are required. */
const LEAST_WIDTH = 4

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22
const EQUALS = 0x3d

/**
 * A quote that is not closed can seem to be, by a quote of a later line. So a quoted value that spans lines is doubted: it is
 * damage if a line inside it, or the line that closes it, would by itself be a record of the header's width, or if both the
 * line that opens it and the line that closes it have that width when their quotes are taken for characters. Judging the
 * line that closes it takes a width of four at least.
 */
export class QuoteDoubt {
  /** The number of values of the header, 0 before it. */
  width = 0
  /** Of the last value that went past a line end: its number, and the line of the record on which it opened. */
  opened = { value: 0, lineEnds: 0 }
  #opensWide = false
  readonly #delimiter: number
  readonly #literalQuotes: boolean

  constructor(delimiter: number, literalQuotes: boolean) {
    this.#delimiter = delimiter
    this.#literalQuotes = literalQuotes
  }

  /** A value goes past the end, at `to`, of the line that opens it. */
  open(bytes: Buffer, from: number, to: number, value: number, lineEnds: number): void {
    this.opened = { value, lineEnds }
    this.#opensWide = this.width > 0 && lineDelimiters(bytes, from, to, this.#delimiter) + 1 >= this.width
  }

  /** The line, inside a value, is by itself a record of the header's width. */
  isRecord(bytes: Buffer, from: number, to: number): boolean {
    return this.#hasWidth(bytes, from, to, !this.#literalQuotes)
  }

  /** The line, which closes the value that was opened last, does not belong to it. */
  closesApart(bytes: Buffer, from: number, to: number): boolean {
    if (this.width < LEAST_WIDTH) return false
    // It may have more values: a damaged quote lays bare the delimiters of a quoted value. Tab exporters often do not quote.
    const width = this.#literalQuotes
      ? lineDelimiters(bytes, from, to, this.#delimiter) + 1
      : lineWidth(bytes, from, to, this.#delimiter, false)
    if (this.#opensWide && width >= this.width) return true
    return this.#hasWidth(bytes, from, to, true)
  }

  #hasWidth(bytes: Buffer, from: number, to: number, strict: boolean): boolean {
    if (this.width === 0) return false
    const width = lineWidth(bytes, from, to, this.#delimiter, strict)
    return width === this.width || (width === this.width + 1 && bytes[to - 1] === this.#delimiter)
  }

  /**
   * The quote that closes the last value of a record that ends at `end` may be meant to open a value that begins with the
   * line end. Then the next quote tells.
   */
  mayOpen(bytes: Buffer, end: number): boolean {
    return !this.#literalQuotes && bytes[end - 1] === QUOTE && bytes[end - 2] === this.#delimiter
  }

  /** The quote at `at`, or the end of the file, can only close a value. Both bytes around it must be at hand. */
  closesOnly(bytes: Buffer, at: number, end: number): boolean {
    const closes = at < end && !this.#isBeside(bytes[at - 1]) && bytes[at - 1] !== EQUALS
    return closes && (at + 1 >= end || bytes[at + 1] === QUOTE || this.#isBeside(bytes[at + 1]))
  }

  /** A value begins or ends next to `byte`. */
  #isBeside(byte: number | undefined): boolean {
    return byte === this.#delimiter || byte === LF || byte === CR
  }
}
