/**
 * At most 64 MB, so that a file of any size is read in constant memory; for each byte of the file so much that hardly an ID of a
 * million seems known, however short the records. Past 7 GB or so more seem known than can be looked at a second time.
 */
const ID_BITS = { most: 2 ** 29, perByte: 0.75 }
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

  /** `bytes` is the size of the file whose texts will be added. */
  constructor(bytes: number, bits = ID_BITS) {
    this.#blocks = Math.ceil(Math.min(bits.most, Math.max(bytes, 1) * bits.perByte) / (WORDS_PER_BLOCK * 32))
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
