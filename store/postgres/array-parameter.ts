/**
 * Arrays as parameters of a query in PostgreSQL's binary form: bytes that can be handed from thread to thread and are sent as
 * they are, where text would be made, copied and parsed.
 */
const HEADER = 20
const TEXT = 25
const INT8 = 20

/** For `$1::text[]`. */
export function textArray(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  let most = HEADER
  // A UTF-16 unit becomes three bytes at most.
  for (const text of texts) most += 4 + 3 * text.length
  const bytes = Buffer.allocUnsafe(most)
  let at = writeHeader(bytes, TEXT, texts.length)
  for (const text of texts) {
    const length = bytes.write(text, at + 4)
    bytes.writeInt32BE(length, at)
    at += 4 + length
  }
  return new Uint8Array(bytes.subarray(0, at))
}

/** For `$1::bigint[]`. `halves` holds the lower and the upper 32 bits of each number, one after the other. */
export function bigintArray(halves: Int32Array): Uint8Array<ArrayBuffer> {
  const count = halves.length / 2
  const array = new Uint8Array(HEADER + count * 12)
  const bytes = Buffer.from(array.buffer)
  let at = writeHeader(bytes, INT8, count)
  for (let index = 0; index < count; index++) {
    bytes.writeInt32BE(8, at)
    bytes.writeInt32BE(halves[2 * index + 1] as number, at + 4)
    bytes.writeInt32BE(halves[2 * index] as number, at + 8)
    at += 12
  }
  return array
}

/** One dimension, no nulls, the first element is number 1. */
function writeHeader(bytes: Buffer, elementType: number, count: number): number {
  for (const [index, value] of [1, 0, elementType, count, 1].entries()) bytes.writeInt32BE(value, 4 * index)
  return HEADER
}
