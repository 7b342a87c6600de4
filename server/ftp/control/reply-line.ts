/** Clients commonly keep a line of this length, its end included. */
const MOST_BYTES = 512
/** The code and the sign behind it, and the end of the line. */
const AROUND_BYTES = 6

/** A sentence as one line of a reply: names, prefixes and messages may hold anything, and be longer than a line. */
export function replyLine(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').trim()
  if (Buffer.byteLength(line) + AROUND_BYTES <= MOST_BYTES) return line
  const end = '...'
  let bytes = AROUND_BYTES + end.length
  let kept = ''
  for (const sign of line) {
    bytes += Buffer.byteLength(sign)
    if (bytes > MOST_BYTES) break
    kept += sign
  }
  return kept + end
}
