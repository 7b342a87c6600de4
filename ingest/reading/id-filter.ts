const MB_BITS = 2 ** 23

/** In a larger file a few Contact IDs seem known that are not, whatever the space, and it is read a second time for them. */
const READ_ONCE_BYTES = 1.5e9

/**
 * How many bits the Contact IDs of a file of so many bytes get, at most 64 MB, so that a file of any size is read in constant
 * memory. Of a file that is to be read once hardly one ID seems known that is not, however short the records; of a larger one no
 * more than can be looked at a second time, up to 7 GB or so.
 */
export function idBits(bytes: number): number {
  const wanted = bytes <= READ_ONCE_BYTES ? 0.75 * bytes : Math.max(32 * MB_BITS, 0.1 * bytes)
  return Math.min(wanted, 64 * MB_BITS)
}

/** The same for mobile numbers, of which one that only seems known costs one look into the database. */
export function mobileBits(bytes: number): number {
  return Math.min(Math.max(Math.min(0.25 * bytes, 16 * MB_BITS), 0.08 * bytes), 32 * MB_BITS)
}

/** A line of the processor's cache: all marks of a text stand in one, so that it is fetched once. */
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

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
