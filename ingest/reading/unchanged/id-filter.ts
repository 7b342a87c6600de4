import { mixed } from './murmur-hash.ts'

const MB_BITS = 2 ** 23
const SHORTEST_RECORD = 32

/**
 * How many records a file of so many bytes may have, if those behind its `first` ones, so many of so many bytes, are at least half as
 * long on average. A file that belies it is read correctly, but more slowly.
 */
export function mostRecords(bytes: number, first: { length: number; size: number }): number {
  return bytes / Math.max(SHORTEST_RECORD, first.size / Math.max(1, first.length) / 2)
}

/** In a larger file a few Contact IDs seem known that are not, whatever the space, and it is read a second time for them. */
const READ_ONCE_RECORDS = 22e6

/**
 * How many bits the Contact IDs of a file of so many records at most get, 64 MB in all, so that a file of any size is read in
 * constant memory. Of a file that is to be read once hardly one ID seems known that is not; of a larger one no more than can
 * be looked at a second time, up to 50 million or so.
 */
export function idBits(records: number): number {
  const wanted = records <= READ_ONCE_RECORDS ? 24 * records : Math.max(32 * MB_BITS, 6.5 * records)
  return Math.min(wanted, 64 * MB_BITS)
}

/** The same for mobile numbers, of which one that only seems known costs one look into the database. */
export function mobileBits(records: number): number {
  return Math.min(Math.max(Math.min(8 * records, 16 * MB_BITS), 2.5 * records), 32 * MB_BITS)
}

/** One CPU cache line: it holds all marks of a text, so one fetch is enough. */
const WORDS_PER_BLOCK = 16
const MARKS = 8

/**
 * Remembers texts in a fixed space (a Bloom filter in blocks): what was added is always found again; of what was not, a small
 * part seems to have been.
 */
export class IdFilter {
  readonly #words: Int32Array
  readonly #blocks: number

  constructor(bits: number) {
    this.#blocks = Math.max(1, Math.ceil(bits / (WORDS_PER_BLOCK * 32)))
    this.#words = new Int32Array(this.#blocks * WORDS_PER_BLOCK)
  }

  /** Adds `text`; answers whether it seemed to be there before. */
  add(text: string): boolean {
    let a = 0x2f0b4a27
    let b = 0x51ed270b
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x9e3779b1)
      b = Math.imul(b ^ unit, 0x85ebca77)
      a ^= a >>> 15
      b = (b << 13) | (b >>> 19)
    }
    const block = Math.floor(((mixed(a) >>> 0) / 2 ** 32) * this.#blocks) * WORDS_PER_BLOCK
    let marks = mixed(b ^ a)
    let known = true
    for (let mark = 0; mark < MARKS; mark++) {
      const word = block + (marks >>> 28)
      const flag = 1 << ((marks >>> 23) & 31)
      const held = this.#words[word] as number
      if ((held & flag) === 0) {
        known = false
        this.#words[word] = held | flag
      }
      marks = (Math.imul(marks, 0x915f77f5) + 0x6a09e667) | 0
    }
    return known
  }
}
