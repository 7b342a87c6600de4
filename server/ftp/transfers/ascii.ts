const LF = 0x0a
const CR = 0x0d

/** TYPE A, receiving (RFC 959 3.1.1.1): line ends come as CRLF and are kept as LF. */
export function lineFeedsOnly(): { convert(chunk: Buffer): Buffer; rest(): Buffer } {
  /** A CR that ended the last chunk: whether an LF follows decides about it. */
  let held = false
  return {
    convert(chunk) {
      const bytes = held ? Buffer.concat([Buffer.of(CR), chunk]) : chunk
      held = bytes.at(-1) === CR
      const end = held ? bytes.length - 1 : bytes.length
      const kept = Buffer.allocUnsafe(end)
      let length = 0
      for (let at = 0; at < end; at++) {
        const byte = bytes[at] as number
        if (byte !== CR || bytes[at + 1] !== LF) kept[length++] = byte
      }
      return kept.subarray(0, length)
    },
    rest: () => (held ? Buffer.of(CR) : Buffer.alloc(0)),
  }
}

/** TYPE A, sending: a line feed goes out as CRLF, unless it has its CR already. */
export async function* withCarriageReturns(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let before = 0
  for await (const chunk of chunks) {
    const sent = Buffer.allocUnsafe(chunk.length * 2)
    let length = 0
    for (const byte of chunk) {
      if (byte === LF && before !== CR) sent[length++] = CR
      sent[length++] = byte
      before = byte
    }
    yield sent.subarray(0, length)
  }
}
