/** 64 MB, so that a file of any size is read in constant memory. */
const MOST_BITS = 2 ** 29
const LEAST_BITS = 2 ** 16
const PROBES = 4

/**
 * Remembers texts in a fixed space (a Bloom filter): what was added is always found again; of what was not, a small part
 * seems to have been.
 */
export class IdFilter {
  readonly #words: Int32Array
  readonly #mask: number

  /** `bytes` is the size of the file whose texts will be added. */
  constructor(bytes: number, mostBits = MOST_BITS) {
    const bits = Math.min(mostBits, Math.max(LEAST_BITS, 2 ** Math.ceil(Math.log2(bytes + 1))))
    this.#words = new Int32Array(bits / 32)
    this.#mask = bits - 1
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
    a = mixed(a)
    b = mixed(b ^ a) | 1
    let known = true
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = a & this.#mask
      const word = bit >>> 5
      const flag = 1 << (bit & 31)
      if (((this.#words[word] as number) & flag) === 0) {
        known = false
        this.#words[word] = (this.#words[word] as number) | flag
      }
      a = (a + b) | 0
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
