/** Hashes of 64 bits. */
export class RecordHashes {
  /** Of each the lower and the upper 32 bits. */
  readonly halves: Int32Array

  constructor(count: number) {
    this.halves = new Int32Array(2 * count)
  }

  /** As PostgreSQL reads a bigint. */
  text(index: number): string {
    const [lower, upper] = [this.halves[2 * index] as number, this.halves[2 * index + 1] as number]
    return String((BigInt(upper) << 32n) | BigInt(lower >>> 0))
  }
}

/** Hashes the bytes from `start` to `end` and puts that at `index` of `into`. */
export type RecordHasher = (bytes: Buffer, start: number, end: number, into: RecordHashes, index: number) => void

/**
 * Hashes the bytes of a record to 64 bits: two lanes of MurmurHash3's step with constants of their own, mixed at the end.
 * `salt` stands for everything but the bytes that decides what a record means.
 */
export function recordHasher(salt: string): RecordHasher {
  let lower = 0
  let upper = 0
  const hash = (bytes: Buffer, start: number, end: number, seedA: number, seedB: number): void => {
    let a = seedA
    let b = seedB
    let at = start
    for (; at + 4 <= end; at += 4) {
      const block =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24)
      let k = Math.imul(block, 0xcc9e2d51)
      k = (k << 15) | (k >>> 17)
      a ^= Math.imul(k, 0x1b873593)
      a = (a << 13) | (a >>> 19)
      a = (Math.imul(a, 5) + 0xe6546b64) | 0
      k = Math.imul(block, 0xab0e9789)
      k = (k << 16) | (k >>> 16)
      b ^= Math.imul(k, 0x38b34ae5)
      b = (b << 17) | (b >>> 15)
      b = (Math.imul(b, 5) + 0x561ccd1b) | 0
    }
    for (; at < end; at++) {
      a = Math.imul(a ^ (bytes[at] as number), 0x01000193)
      b = Math.imul(b ^ (bytes[at] as number), 0x5bd1e995)
      b ^= b >>> 15
    }
    a ^= end - start
    b ^= end - start
    a = (a + b) | 0
    b = (b + a) | 0
    a = mixed(a)
    b = mixed(b)
    lower = (a + b) | 0
    upper = (b + lower) | 0
  }
  const text = Buffer.from(salt)
  hash(text, 0, text.length, 0x239b961b, 0x7c2f1a5d)
  const [seedA, seedB] = [lower, upper]
  return (bytes, start, end, { halves }, index) => {
    hash(bytes, start, end, seedA, seedB)
    halves[2 * index] = lower
    halves[2 * index + 1] = upper
  }
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
