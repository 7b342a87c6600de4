import { isAscii } from 'node:buffer'
import { DELIMITERS } from '../../model/delimiters.ts'
import type { ImportSettings } from '../../model/import-settings.ts'

export type FileEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export const ENCODING_NAMES: Record<FileEncoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'windows-1252': 'Windows-1252',
}

/** A byte that never occurs in UTF-8: it replaces what cannot be decoded, so that the record is refused. */
const UNDECODABLE = 0xff
const DOS_END = 0x1a

/** Turns the bytes of a file, chunk by chunk, into UTF-8. What cannot be decoded comes out as invalid UTF-8. */
export interface Transcoder {
  push(chunk: Buffer): Buffer
  finish(): Buffer
}

const NOTHING = Buffer.alloc(0)

export const TRANSCODERS: Record<FileEncoding, () => Transcoder> = {
  'utf-8': () => ({ push: (chunk) => chunk, finish: () => NOTHING }),
  'utf-16le': () => utf16Transcoder((units) => units),
  'utf-16be': () => utf16Transcoder((units) => Buffer.from(units).swap16()),
  'windows-1252': () => ({ push: windows1252ToUtf8, finish: () => NOTHING }),
}

/**
 * The characters of the bytes 80-9F; 0 where Windows-1252 has none. `TextDecoder` is not used: several releases of Node.js
 * decode these bytes as control characters.
 */
const WINDOWS_1252_HIGH = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
  0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
]

function windows1252ToUtf8(bytes: Buffer): Buffer {
  if (isAscii(bytes)) return bytes
  const utf8 = Buffer.allocUnsafe(bytes.length * 3)
  let length = 0
  for (const byte of bytes) {
    const character = byte >= 0x80 && byte < 0xa0 ? (WINDOWS_1252_HIGH[byte - 0x80] as number) : byte
    if (character === 0 && byte !== 0) utf8[length++] = UNDECODABLE
    else if (character < 0x80) utf8[length++] = character
    else if (character < 0x800) {
      utf8[length++] = 0xc0 | (character >> 6)
      utf8[length++] = 0x80 | (character & 0x3f)
    } else {
      utf8[length++] = 0xe0 | (character >> 12)
      utf8[length++] = 0x80 | ((character >> 6) & 0x3f)
      utf8[length++] = 0x80 | (character & 0x3f)
    }
  }
  return utf8.subarray(0, length)
}

/** Without it a spreadsheet takes UTF-8 for the code page of its machine. */
export const BYTE_ORDER_MARK = '\ufeff'

/**
 * Writes text, part by part, as a file of this setting is read. UTF-8 and UTF-16 begin with a byte order mark, without which a
 * spreadsheet shows other letters; what Windows-1252 does not have becomes `?`.
 */
export function textEncoder(setting: ImportSettings['file']['encoding']): (text: string) => Buffer<ArrayBuffer> {
  if (setting === 'windows-1252') return (text) => Buffer.from(Array.from(text, windows1252Byte))
  const encoding = setting === 'utf-16' ? 'utf16le' : 'utf8'
  let mark = BYTE_ORDER_MARK
  return (text) => {
    const bytes = Buffer.from(mark + text, encoding)
    mark = ''
    return bytes
  }
}

/** The media type of a file that `textEncoder` writes. */
export function writtenType({ delimiter, encoding }: Pick<ImportSettings['file'], 'delimiter' | 'encoding'>): string {
  return `${DELIMITERS[delimiter].mediaType}; charset=${encoding === 'auto' ? 'utf-8' : encoding}`
}

function windows1252Byte(character: string): number {
  const code = character.codePointAt(0) as number
  if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code
  const high = WINDOWS_1252_HIGH.indexOf(code)
  return high < 0 ? 0x3f : 0x80 + high
}

function utf16Transcoder(littleEndian: (units: Buffer) => Buffer): Transcoder {
  let rest: Buffer = NOTHING
  const decode = (units: Buffer) => wellFormedUtf8(littleEndian(units).toString('utf16le'))
  return {
    push(chunk) {
      const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk
      let end = bytes.length - (bytes.length % 2)
      // The second half of a character beyond the first plane may be in the next chunk.
      if (end >= 2 && isHighSurrogate(littleEndian(bytes.subarray(end - 2, end)).readUInt16LE())) end -= 2
      rest = Buffer.from(bytes.subarray(end))
      return decode(bytes.subarray(0, end))
    },
    finish() {
      // Ctrl-Z, by which DOS ends a file, is one byte even here.
      const half = rest.length % 2 === 1 && rest.at(-1) !== DOS_END ? 1 : 0
      return Buffer.concat([decode(rest.subarray(0, rest.length - (rest.length % 2))), Buffer.alloc(half, UNDECODABLE)])
    },
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

/** Half a surrogate pair becomes an invalid byte, where `Buffer.from` would make it a replacement character. */
function wellFormedUtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  const parts = text.split(/[\ud800-\udfff]/u).flatMap((part) => [Buffer.of(UNDECODABLE), Buffer.from(part)])
  return Buffer.concat(parts.slice(1))
}

/** The ranges of the bytes of two surrogates, each encoded as if it were a character. */
const SURROGATE_PAIR: readonly (readonly [number, number])[] = [
  [0xed, 0xed],
  [0xa0, 0xaf],
  [0x80, 0xbf],
  [0xed, 0xed],
  [0xb0, 0xbf],
  [0x80, 0xbf],
]

/** Collects evidence, chunk by chunk, that a file is UTF-8 or not, and where it is not, that it is not Windows-1252 either. */
export class Utf8Evidence {
  #invalid = false
  #multiByte = false
  /** A byte that Windows-1252 does not have. */
  #foreign: number | null = null
  /** How many bytes of a pair of surrogates came last. */
  #paired = 0
  /** Continuation bytes still to come, and the range of the next. */
  #missing = 0
  #low = 0x80
  #high = 0xbf

  push(chunk: Buffer): void {
    // A multi-byte character settles it.
    if (this.#multiByte || (this.#missing === 0 && this.#paired === 0 && isAscii(chunk))) return
    for (const byte of chunk) {
      if (byte < 0x80 && this.#missing === 0) {
        this.#paired = 0
        continue
      }
      this.#pair(byte)
      if (WINDOWS_1252_HIGH[byte - 0x80] === 0) this.#foreign = byte
      if (this.#missing > 0) {
        if (byte >= this.#low && byte <= this.#high) {
          this.#low = 0x80
          this.#high = 0xbf
          if (--this.#missing === 0) this.#multiByte = true
          continue
        }
        this.#missing = 0
        this.#invalid = true
      }
      if (byte >= 0x80) this.#lead(byte)
    }
  }

  /** A character that was written as two surrogates (CESU-8) is not valid, and yet as good a sign of UTF-8 as a valid one. */
  #pair(byte: number): void {
    const [low, high] = SURROGATE_PAIR[this.#paired] as [number, number]
    if (byte >= low && byte <= high) this.#paired++
    else this.#paired = byte === 0xed ? 1 : 0
    if (this.#paired < SURROGATE_PAIR.length) return
    this.#paired = 0
    this.#multiByte = true
    this.#invalid = true
  }

  /** Unicode, table 3-7: well-formed UTF-8 byte sequences. */
  #lead(byte: number): void {
    this.#low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
    this.#high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
    if (byte >= 0xc2 && byte <= 0xdf) this.#missing = 1
    else if (byte >= 0xe0 && byte <= 0xef) this.#missing = 2
    else if (byte >= 0xf0 && byte <= 0xf4) this.#missing = 3
    else this.#invalid = true
  }

  /** Invalid UTF-8 but no multi-byte character so far: only the whole file can tell its encoding. */
  get undecided(): boolean {
    return this.#invalid && !this.#multiByte
  }

  /** At the end of the file: invalid UTF-8 and no multi-byte character. */
  get speaksAgainst(): boolean {
    return (this.#invalid || this.#missing > 0) && !this.#multiByte
  }

  /** A byte that shows that the file is not Windows-1252 either, or null. */
  get disproof(): number | null {
    return this.#foreign
  }
}
