import { giveBack } from '../../model/limits/give-back.ts'
import type { FormDamage, FramerSink, Quotes } from '../formats/framer.ts'

/** Records that go to the database together: enough that a COPY pays, few enough to be nothing in memory. */
export const RECORDS_PER_CHUNK = 5_000
const MAX_BYTES = 1024 * 1024
const USUAL_BYTES = 512 * 1024

export interface DamagedRecord {
  line: number
  damage: FormDamage
  raw: Buffer
  value: number
  valueLine: number
}

const QUOTES: readonly Quotes[] = ['none', 'clean', 'doubled', 'literal']

/**
 * Records as the framer found them, their bytes copied out of the file behind one another, not yet decoded. Offsets
 * live in typed arrays; millions of objects would burden the garbage collector.
 */
export class RecordChunk implements FramerSink {
  length = 0
  bytes: Buffer = Buffer.allocUnsafeSlow(USUAL_BYTES)
  readonly #most: number
  readonly #ends: Int32Array
  readonly #lines: Float64Array
  readonly #values: Int32Array
  readonly #quotes: Uint8Array
  readonly #damaged = new Map<number, DamagedRecord>()
  readonly #pool: RecordChunk[]
  #end = 0

  private constructor(most: number, pool: RecordChunk[]) {
    this.#most = most
    this.#pool = pool
    this.#ends = new Int32Array(most)
    this.#lines = new Float64Array(most)
    this.#values = new Int32Array(most)
    this.#quotes = new Uint8Array(most)
  }

  /** An empty chunk for `most` records: one of `pool`, if it has any. All of a pool are for as many. */
  static from(pool: RecordChunk[], most: number): RecordChunk {
    return pool.pop() ?? new RecordChunk(most, pool)
  }

  /** Total bytes of its records. */
  get size(): number {
    return this.#end
  }

  get full(): boolean {
    return this.length >= this.#most || this.#end >= MAX_BYTES
  }

  record(bytes: Buffer, start: number, end: number, line: number, values: number, quotes: Quotes): void {
    const length = end - start
    if (this.#end + length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.#end + length))
      this.bytes.copy(larger, 0, 0, this.#end)
      giveBack(this.bytes)
      this.bytes = larger
    }
    bytes.copy(this.bytes, this.#end, start, end)
    this.#end += length
    const index = this.length++
    this.#ends[index] = this.#end
    this.#lines[index] = line
    this.#values[index] = values
    this.#quotes[index] = QUOTES.indexOf(quotes)
  }

  damaged(damage: FormDamage, raw: Buffer, line: number, value: number, valueLine: number): void {
    const index = this.length++
    this.#ends[index] = this.#end
    this.#lines[index] = line
    this.#damaged.set(index, { line, damage, raw, value, valueLine })
  }

  /** Takes over one record of another chunk. */
  add(chunk: RecordChunk, index: number): void {
    const { bytes } = chunk
    this.record(
      bytes,
      chunk.start(index),
      chunk.end(index),
      chunk.line(index),
      chunk.values(index),
      chunk.quotes(index),
    )
  }

  /** Null where the record is whole; all else may be asked of whole ones alone. */
  damageOf(index: number): DamagedRecord | null {
    return this.#damaged.get(index) ?? null
  }

  start(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] as number)
  }

  end(index: number): number {
    return this.#ends[index] as number
  }

  line(index: number): number {
    return this.#lines[index] as number
  }

  values(index: number): number {
    return this.#values[index] as number
  }

  quotes(index: number): Quotes {
    return QUOTES[this.#quotes[index] as number] as Quotes
  }

  /** The chunk has been read: it is used again for other records. */
  release(): void {
    this.length = 0
    this.#end = 0
    this.#damaged.clear()
    this.#pool.push(this)
  }
}
