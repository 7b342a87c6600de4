import type { FormDamage, FramerSink, Quotes } from '../formats/framer.ts'

/** Records that go to the database together: enough that a COPY pays, few enough to be nothing in memory. */
export const RECORDS_PER_CHUNK = 5_000
const MAX_BYTES = 1024 * 1024

/** Where one record of a chunk stands. */
export interface FramedRecord {
  line: number
  start: number
  end: number
  values: number
  quotes: Quotes
}

export interface DamagedRecord {
  line: number
  damage: FormDamage
  raw: Buffer
  value: number
  valueLine: number
}

/** Records as the framer found them, their bytes copied out of the file behind one another, not yet decoded. */
export class RecordChunk implements FramerSink {
  readonly records: (FramedRecord | DamagedRecord)[] = []
  bytes: Buffer = Buffer.allocUnsafeSlow(512 * 1024)
  readonly #most: number
  #end = 0

  constructor(most: number) {
    this.#most = most
  }

  get full(): boolean {
    return this.records.length >= this.#most || this.#end >= MAX_BYTES
  }

  record(bytes: Buffer, start: number, end: number, line: number, values: number, quotes: Quotes): void {
    const length = end - start
    if (this.#end + length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.#end + length))
      this.bytes.copy(larger, 0, 0, this.#end)
      this.release()
      this.bytes = larger
    }
    bytes.copy(this.bytes, this.#end, start, end)
    this.records.push({ line, start: this.#end, end: this.#end + length, values, quotes })
    this.#end += length
  }

  /** Gives the bytes back before a collection would. */
  release(): void {
    if (this.bytes.buffer instanceof ArrayBuffer) this.bytes.buffer.transfer?.(0)
  }

  damaged(damage: FormDamage, raw: Buffer, line: number, value: number, valueLine: number): void {
    this.records.push({ line, damage, raw, value, valueLine })
  }
}
