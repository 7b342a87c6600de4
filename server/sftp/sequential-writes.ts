import { SftpRefusal } from './sftp-replies.ts'

/** Limits of out-of-order data: clients keep up to 64 writes of 32 KiB in flight, and some reorder them. */
const MOST_AHEAD_BYTES = 4 << 20
const MOST_AHEAD_PIECES = 1024

/** Puts the writes to one file into the order of their offsets. */
export class SequentialWrites {
  #next = 0
  readonly #ahead = new Map<number, Buffer>()
  #aheadBytes = 0

  /** No gap in front of the last byte. */
  get complete(): boolean {
    return this.#ahead.size === 0
  }

  /** The bytes that can be appended now. Throws for what is not written from the first byte to the last. */
  take(offset: number, data: Buffer): Buffer[] {
    if (offset < this.#next)
      throw new SftpRefusal('unsupported', 'Rewriting sent bytes is not supported; send the whole file again.')
    if (offset > this.#next) {
      this.#keep(offset, data)
      return []
    }
    const ready = [data]
    this.#next += data.length
    for (let piece = this.#ahead.get(this.#next); piece; piece = this.#ahead.get(this.#next)) {
      this.#ahead.delete(this.#next)
      this.#aheadBytes -= piece.length
      this.#next += piece.length
      ready.push(piece)
    }
    return ready
  }

  #keep(offset: number, data: Buffer): void {
    const tooFar = offset + data.length - this.#next > MOST_AHEAD_BYTES
    if (tooFar || this.#aheadBytes + data.length > MOST_AHEAD_BYTES || this.#ahead.size >= MOST_AHEAD_PIECES)
      throw new SftpRefusal(
        'unsupported',
        'An upload cannot be resumed or begin in the middle; send the whole file from its first byte.',
      )
    if (data.length === 0) return
    this.#aheadBytes += data.length - (this.#ahead.get(offset)?.length ?? 0)
    this.#ahead.set(offset, data)
  }
}
