import { createHash } from 'node:crypto'
import { MurmurHash } from './murmur-hash.ts'

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
 * Hashes the bytes of a record to the first 64 bits of MurmurHash3. `salt` stands for everything but the bytes that decides
 * what a record means: it seeds the hash and is added to the result, as 32 bits of seed would be few.
 */
export function recordHasher(salt: string): RecordHasher {
  const digest = createHash('sha256').update(salt).digest()
  const [seed, lower, upper] = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8)]
  const murmur = new MurmurHash()
  const { words } = murmur
  return (bytes, start, end, { halves }, index) => {
    murmur.hash(bytes, start, end, seed)
    halves[2 * index] = (words[0] as number) ^ lower
    halves[2 * index + 1] = (words[1] as number) ^ upper
  }
}
