import { DELIMITERS, type Delimiter } from '../../model/delimiters.ts'
import { QuoteDoubt } from './quote-doubt.ts'

/** A record of more bytes (of UTF-8), or more values, is refused: without a limit one stray quote would hold the rest of the file in memory. */
export const MAX_RECORD_BYTES = 1024 * 1024
export const MAX_RECORD_VALUES = 2_000
/** How much of a damaged record's first line is shown. */
export const MAX_RAW_BYTES = 4_096

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
/** Ctrl-Z, by which DOS ends a file. */
const DOS_END = 0x1a
const SPACE = 0x20
const QUOTE = 0x22
const EQUALS = 0x3d

/** How a record's values are to be read. */
export type Quotes =
  /** No quote character at all. */
  | 'none'
  /** Every quote opens or closes a value. */
  | 'clean'
  /** Beside those there are quotes inside quoted values, doubled. */
  | 'doubled'
  /** At least one quote is a character of a value that is not quoted, or blanks follow a closing one. */
  | 'literal'

export type FormDamage = 'stray_quote' | 'text_after_quote' | 'unclosed_quote' | 'too_many_bytes' | 'too_many_values'

/** Receives records in file order. `bytes` is only valid during the call. */
export interface FramerSink {
  /** The record is in `bytes` from `start` to `end`, without its line end. */
  record(bytes: Buffer, start: number, end: number, line: number, values: number, quotes: Quotes): void
  /** `value` is the number, from 1, of the value that is at fault, `valueLine` the physical line on which it begins. */
  damaged(damage: FormDamage, raw: Buffer, line: number, value: number, valueLine: number): void
}

const VALUE_START = 0
const PLAIN = 1
const QUOTED = 2
const QUOTE_IN_QUOTED = 3
/** Inside `="..."`, as spreadsheets write text that looks like a number. */
const FORMULA = 4
const FORMULA_END = 5
/** Dropping the rest of a damaged first line. */
const SKIPPING = 6
/** Looking ahead for the next quote before a whole record is accepted. */
const DOUBTING = 7
/** In the blanks after a closing quote. */
const PADDING = 8
/** In the Ctrl-Z after a closing quote. */
const DOS_ENDED = 9

/**
 * Finds the records of a delimited UTF-8 file by the strict grammar of RFC 4180, in bounded memory whatever the chunks:
 * a quote opens a value only at its start, and after the closing quote come only the delimiter, a line end or the end of
 * the file, with or without blanks before them. The cell `="00123"` is let through beside it, since it cannot be meant otherwise. After a damaged record
 * reading starts again at the physical line below the one on which that record starts. CRLF, LF and CR end a line, in
 * any mixture. Lines that are empty or hold only blanks, delimiters and quoted blanks are no records, nor is a first line `sep=,`.
 * A byte order mark at the head of a record and Ctrl-Z at its end are no part of it.
 *
 * A quoted value that spans lines is doubted: `quote-doubt.ts`.
 *
 * In a tab file a quote is a character, unless it opens a value and is closed cleanly. Where that takes in line breaks, a
 * doubted quote is a character too, and so it is where the record would not have the width of the first one.
 */
export class Framer {
  readonly #sink: FramerSink
  readonly #delimiter: number
  readonly #literalQuotes: boolean
  readonly #doubt: QuoteDoubt
  #bytes = Buffer.allocUnsafe(256 * 1024)
  #end = 0
  #position = 0
  #afterCarriageReturn = false

  // The record at hand:
  #start = 0
  #line = 1
  #state = VALUE_START
  #values = 1
  #valueStart = 0
  #hasText = false
  #quotes: Quotes = 'none'
  /** Line ends inside the record so far, and where its first line and its second begin and end. */
  #lineEnds = 0
  #firstLineEnd = -1
  #secondLine = -1
  #lineEndsBeforeValue = 0
  /** Where its current physical line begins. */
  #lineStart = 0
  /** In a tab file: whether quoted values are no longer believed to hold line breaks. */
  #oneLine = false
  /** While skipping: what is wrong with the record, and its first line as soon as that must be let go. */
  #skipped: { damage: FormDamage; raw: Buffer | null } | null = null
  /** While doubting: the bytes of the record. */
  #doubtful = 0

  constructor(delimiter: Delimiter, sink: FramerSink) {
    const { character, literalQuotes } = DELIMITERS[delimiter]
    this.#sink = sink
    this.#delimiter = character.charCodeAt(0)
    this.#literalQuotes = literalQuotes
    this.#doubt = new QuoteDoubt(this.#delimiter, literalQuotes)
  }

  push(chunk: Buffer): void {
    this.#makeRoom(chunk.length)
    chunk.copy(this.#bytes, this.#end)
    this.#end += chunk.length
    this.#scan()
  }

  /** Ends the last record, with or without a line end. */
  finish(): void {
    // Damage found at the end may lead back to an earlier line, so the end can be met more than once.
    while (this.#start < this.#end || this.#skipped) {
      this.#endOfFile()
      this.#scan()
    }
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return
    const from = this.#start
    const kept = this.#end - from
    if (kept + bytes <= this.#bytes.length / 2) this.#bytes.copyWithin(0, from, this.#end)
    else {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, kept + bytes))
      this.#bytes.copy(larger, 0, from, this.#end)
      this.#bytes = larger
    }
    this.#start = 0
    this.#end = kept
    this.#position -= from
    this.#valueStart -= from
    this.#lineStart -= from
    if (this.#secondLine >= 0) {
      this.#firstLineEnd -= from
      this.#secondLine -= from
    }
  }

  #scan(): void {
    while (this.#position < this.#end) {
      const limit = this.#start + MAX_RECORD_BYTES + 1
      if (this.#state === SKIPPING) this.#skip()
      else if (this.#state === DOUBTING) {
        if (!this.#nextQuoteTells(limit)) return
      } else if (this.#position >= limit) this.#overLimit()
      else if (this.#state === QUOTED) this.#scanQuoted(Math.min(this.#end, limit))
      else this.#scanOpen(Math.min(this.#end, limit))
    }
  }

  /** Outside of quotes: up to the end of the record, an opening quote or `stop`. */
  #scanOpen(stop: number): void {
    const bytes = this.#bytes
    const delimiter = this.#delimiter
    let state = this.#state
    let at = this.#position
    if (this.#afterCarriageReturn) {
      this.#afterCarriageReturn = false
      if (bytes[at] === LF) {
        this.#beginRecord(at + 1, this.#line)
        return
      }
    }
    while (at < stop) {
      const byte = bytes[at] as number
      if (byte === delimiter) {
        if (state === DOS_ENDED) {
          this.#position = at
          this.#damaged('text_after_quote')
          return
        }
        if (state !== FORMULA) {
          this.#values++
          this.#valueStart = at + 1
          state = VALUE_START
        } else {
          this.#position = at
          this.#damaged('stray_quote')
          return
        }
      } else if (byte === LF || byte === CR) {
        this.#position = at
        if (state === FORMULA) {
          this.#damaged('stray_quote')
          return
        }
        if (this.#belongsApart(at)) {
          this.#keepApart()
          return
        }
        if (this.#isDoubtful(at)) {
          this.#state = DOUBTING
          this.#doubtful = at - this.#start
        } else this.#endRecord(at)
        return
      } else if (byte === QUOTE) {
        if (state === PLAIN && this.#values === 1) state = this.#dropMarks(at)
        if (state === VALUE_START) {
          this.#state = QUOTED
          this.#lineEndsBeforeValue = this.#lineEnds
          if (this.#quotes === 'none') this.#quotes = 'clean'
          this.#position = at + 1
          return
        }
        if (state === QUOTE_IN_QUOTED) {
          this.#state = QUOTED
          this.#hasText = true
          if (this.#quotes === 'clean') this.#quotes = 'doubled'
          this.#position = at + 1
          return
        }
        this.#hasText = true
        if (state >= PADDING) {
          this.#position = at
          this.#notClosedCleanly()
          return
        }
        if (this.#literalQuotes) this.#quotes = 'literal'
        else if (state === PLAIN && at === this.#valueStart + 1 && bytes[at - 1] === EQUALS) {
          this.#quotes = 'literal'
          state = FORMULA
        } else if (state === FORMULA) state = FORMULA_END
        else {
          this.#position = at
          this.#damaged('stray_quote')
          return
        }
      } else {
        if (state >= PADDING || state === QUOTE_IN_QUOTED) {
          if (byte === DOS_END || (state !== DOS_ENDED && (byte === SPACE || byte === TAB))) {
            state = byte === DOS_END ? DOS_ENDED : PADDING
            this.#quotes = 'literal'
            at++
            continue
          }
          this.#position = at
          this.#notClosedCleanly()
          return
        }
        if (state === FORMULA_END) {
          this.#position = at
          this.#damaged('stray_quote')
          return
        }
        if (state === VALUE_START) state = PLAIN
        if (byte !== SPACE && byte !== TAB && byte !== DOS_END) {
          this.#hasText = true
          while (at + 1 < stop && isCharacter(bytes[at + 1] as number, delimiter)) at++
        }
      }
      at++
    }
    this.#state = state
    this.#position = at
  }

  /** Text follows the closing quote of the current value. */
  #notClosedCleanly(): void {
    if (this.#literalQuotes) this.#takeLiterally()
    else this.#damaged(this.#lineEnds > this.#lineEndsBeforeValue ? 'unclosed_quote' : 'text_after_quote')
  }

  #scanQuoted(stop: number): void {
    const bytes = this.#bytes
    let at = this.#position
    if (!this.#hasText) this.#hasText = !this.#isBlank(at, stop)
    while (at < stop) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#state = QUOTE_IN_QUOTED
        this.#position = at + 1
        return
      }
      if ((byte === LF || byte === CR) && !this.#passLineEnd(at, byte)) return
      at++
    }
    this.#position = at
  }

  /** A line end inside a quoted value. Returns false if it shows that the quote is damage. */
  #passLineEnd(at: number, byte: number): boolean {
    if (this.#oneLine) {
      this.#takeLiterally()
      return false
    }
    const secondOfTwo = byte === LF && this.#bytes[at - 1] === CR
    if (!secondOfTwo) {
      if (this.#belongsApart(at)) {
        this.#keepApart()
        return false
      }
      const opensHere = this.#lineEnds === this.#lineEndsBeforeValue
      if (opensHere) this.#doubt.open(this.#bytes, this.#lineStart, at, this.#values, this.#lineEnds)
      else if (this.#doubt.isRecord(this.#bytes, this.#lineStart, at)) {
        if (this.#literalQuotes) this.#takeLiterally()
        else this.#damagedWhereOpened()
        return false
      }
      this.#lineEnds++
    }
    this.#lineStart = at + 1
    if (this.#secondLine < 0) {
      this.#firstLineEnd = at
      this.#secondLine = at + 1
    } else if (secondOfTwo && this.#secondLine === at) this.#secondLine = at + 1
    return true
  }

  /** The line ending at `at` closes a value of an earlier line, and does not belong to it. */
  #belongsApart(at: number): boolean {
    if (this.#lineStart === this.#start || this.#isInside()) return false
    return this.#doubt.closesApart(this.#bytes, this.#lineStart, at)
  }

  /** The current physical line began inside the quoted value that it is still in. */
  #isInside(): boolean {
    return this.#state === QUOTED && this.#lineEnds > this.#lineEndsBeforeValue
  }

  /** The quotes of lines that belong apart are characters in a tab file, and damage in any other. */
  #keepApart(): void {
    if (this.#literalQuotes) this.#readAgainAsOneLine()
    else this.#damagedWhereOpened()
  }

  #damagedWhereOpened(): void {
    const { value, lineEnds } = this.#doubt.opened
    this.#values = value
    this.#lineEndsBeforeValue = lineEnds
    this.#damaged('unclosed_quote')
  }

  /** Only blanks and line ends before `to` or the next quote. */
  #isBlank(from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      const byte = this.#bytes[at] as number
      if (byte === QUOTE) return true
      if (!isBlank(byte)) return false
    }
    return true
  }

  /** The closing quote at the record's end may be meant to open a value that begins with the line end. */
  #isDoubtful(end: number): boolean {
    return this.#lineEnds > this.#lineEndsBeforeValue && this.#doubt.mayOpen(this.#bytes, end)
  }

  /** Returns false if the bytes so far do not decide it. */
  #nextQuoteTells(limit: number, isEnd = false): boolean {
    const bytes = this.#bytes
    let at = this.#position
    while (at < this.#end && bytes[at] !== QUOTE) at++
    this.#position = at
    const recordEnd = this.#start + this.#doubtful
    if (at >= limit) this.#endRecord(recordEnd)
    else if (at + 1 >= this.#end && !isEnd) return false
    else if (this.#doubt.closesOnly(bytes, at, this.#end)) this.#damaged('unclosed_quote')
    else this.#endRecord(recordEnd)
    return true
  }

  #endRecord(lineEnd: number): void {
    const byte = this.#bytes[lineEnd]
    const end = this.#withoutDosEnd(lineEnd)
    this.#dropMarks(end)
    if (this.#hasText && this.#start < end && !this.#namesDelimiter(end)) {
      if (this.#literalQuotes && this.#secondLine >= 0 && !this.#hasWidth()) {
        this.#readAgainAsOneLine()
        return
      }
      if (this.#values > MAX_RECORD_VALUES) this.#report('too_many_values', this.#rawLine(end))
      else {
        if (this.#doubt.width === 0) this.#doubt.width = this.#values
        this.#sink.record(this.#bytes, this.#start, end, this.#line, this.#values, this.#quotes)
      }
    }
    this.#nextLine(lineEnd, byte, this.#line + this.#lineEnds)
  }

  /** The end of the record without the Ctrl-Z and the blanks after it. */
  #withoutDosEnd(lineEnd: number): number {
    let end = lineEnd
    for (let at = lineEnd - 1; at >= this.#start; at--) {
      const byte = this.#bytes[at]
      if (byte === DOS_END) end = at
      else if (byte !== SPACE) break
    }
    return end
  }

  /** Takes byte order marks off the head of the record, as joined files have them; answers the state in which its first value then is. */
  #dropMarks(end: number): number {
    const bytes = this.#bytes
    let at = this.#start
    while (at + 2 < end && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3
    if (at > this.#start) {
      if (this.#values === 1) this.#valueStart = at
      if (this.#lineStart === this.#start) this.#lineStart = at
      this.#start = at
      // What was taken for text may have been the marks alone.
      this.#hasText = this.#holdsText(end)
    }
    return at === end && this.#valueStart === at ? VALUE_START : PLAIN
  }

  #holdsText(end: number): boolean {
    for (let at = this.#start; at < end; at++) {
      const byte = this.#bytes[at] as number
      if (byte !== QUOTE && byte !== DOS_END && byte !== this.#delimiter && !isBlank(byte)) return true
    }
    return false
  }

  /** This is the `sep=,` in front of the header by which a file names its delimiter to a spreadsheet. */
  #namesDelimiter(end: number): boolean {
    if (this.#line !== 1 || end - this.#start !== 5) return false
    const text = this.#bytes.toString('latin1', this.#start, end)
    return text.toLowerCase() === `sep=${String.fromCharCode(this.#delimiter)}`
  }

  /** One more is the empty trailing value that all records of a file may have. */
  #hasWidth(): boolean {
    const { width } = this.#doubt
    return width === 0 || this.#values === width || this.#values === width + 1
  }

  #nextLine(lineEnd: number, byte: number | undefined, line: number): void {
    this.#afterCarriageReturn = byte === CR
    this.#beginRecord(Math.min(lineEnd + 1, this.#end), line + 1)
  }

  #beginRecord(at: number, line: number): void {
    this.#start = at
    this.#position = at
    this.#line = line
    this.#state = VALUE_START
    this.#values = 1
    this.#valueStart = at
    this.#hasText = false
    this.#quotes = 'none'
    this.#lineEnds = 0
    this.#lineEndsBeforeValue = 0
    this.#firstLineEnd = -1
    this.#secondLine = -1
    this.#lineStart = at
    this.#oneLine = false
    this.#skipped = null
  }

  #readAgainAsOneLine(): void {
    this.#beginRecord(this.#start, this.#line)
    this.#oneLine = true
  }

  /** The current value does not close its quote cleanly: it is read again as characters. */
  #takeLiterally(): void {
    this.#state = PLAIN
    this.#quotes = 'literal'
    this.#position = this.#valueStart + 1
    if (this.#lineEndsBeforeValue < this.#lineEnds) {
      this.#lineEnds = this.#lineEndsBeforeValue
      this.#lineStart = this.#lineOf(this.#valueStart)
      if (this.#lineEnds === 0) {
        this.#firstLineEnd = -1
        this.#secondLine = -1
      }
    }
  }

  #lineOf(at: number): number {
    let start = at
    while (start > this.#start && !isLineEnd(this.#bytes[start - 1])) start--
    return start
  }

  #overLimit(): void {
    const quoted = this.#state === QUOTED || this.#state === QUOTE_IN_QUOTED || this.#state >= PADDING
    if (quoted && this.#literalQuotes) this.#takeLiterally()
    else if (this.#secondLine < 0) this.#damaged('too_many_bytes')
    else if (this.#literalQuotes) this.#readAgainAsOneLine()
    else this.#damaged(quoted ? 'unclosed_quote' : 'too_many_bytes')
  }

  /** Reports the record and goes on at the next physical line: the one below the record's first, already read or not. */
  #damaged(damage: FormDamage): void {
    if (damage === 'stray_quote') this.#lineEndsBeforeValue = this.#lineEnds
    if (this.#secondLine < 0) {
      this.#skipped = { damage, raw: null }
      this.#state = SKIPPING
      return
    }
    this.#report(damage, this.#rawLine(this.#firstLineEnd))
    // The LF of a CRLF may not have arrived when its CR was read.
    this.#afterCarriageReturn = this.#bytes[this.#secondLine - 1] === CR
    this.#beginRecord(this.#secondLine, this.#line + 1)
  }

  #skip(): void {
    const bytes = this.#bytes
    let at = this.#position
    while (at < this.#end && bytes[at] !== LF && bytes[at] !== CR) at++
    this.#position = at
    if (at < this.#end) this.#endSkipping()
    else if (at - this.#start > MAX_RAW_BYTES) {
      if (this.#skipped) this.#skipped.raw ??= this.#rawLine(at)
      this.#start = at
    }
  }

  #endSkipping(): void {
    const lineEnd = this.#position
    if (this.#skipped) this.#report(this.#skipped.damage, this.#skipped.raw ?? this.#rawLine(lineEnd))
    this.#nextLine(lineEnd, lineEnd < this.#end ? this.#bytes[lineEnd] : undefined, this.#line)
  }

  #endOfFile(): void {
    if (this.#state === SKIPPING) this.#endSkipping()
    else if (this.#state === DOUBTING) this.#nextQuoteTells(Number.POSITIVE_INFINITY, true)
    else if (this.#state === QUOTED && this.#literalQuotes) this.#takeLiterally()
    else if (this.#state === QUOTED) this.#damaged('unclosed_quote')
    else if (this.#state === FORMULA) this.#damaged('stray_quote')
    else if (!this.#belongsApart(this.#end)) this.#endRecord(this.#end)
    else this.#keepApart()
  }

  #rawLine(lineEnd: number): Buffer {
    const end = this.#secondLine < 0 ? lineEnd : this.#firstLineEnd
    return Buffer.from(this.#bytes.subarray(this.#start, Math.min(end, this.#start + MAX_RAW_BYTES)))
  }

  #report(damage: FormDamage, raw: Buffer): void {
    this.#sink.damaged(damage, raw, this.#line, this.#values, this.#line + this.#lineEndsBeforeValue)
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || isLineEnd(byte)
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR
}

/** `byte` neither ends nor quotes a value. */
function isCharacter(byte: number, delimiter: number): boolean {
  return byte !== delimiter && byte !== LF && byte !== CR && byte !== QUOTE
}
