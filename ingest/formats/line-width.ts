const TAB = 0x09
const SPACE = 0x20
const QUOTE = 0x22
const EQUALS = 0x3d
/** Ctrl-Z, by which DOS ends a file. */
const DOS_END = 0x1a

/** How many delimiters there are from `from` to `to`, in quotes or not. */
export function lineDelimiters(bytes: Buffer, from: number, to: number, delimiter: number): number {
  let delimiters = 0
  for (let at = from; at < to; at++) if (bytes[at] === delimiter) delimiters++
  return delimiters
}

/**
 * How many values one physical line has, by itself; 0 where it is none but blanks and delimiters. Where `strict`, a quote that is
 * not part of a cleanly quoted value makes the line no record, so 0; otherwise such a quote is a character.
 */
export function lineWidth(bytes: Buffer, from: number, to: number, delimiter: number, strict: boolean): number {
  let values = 1
  let hasText = false
  let at = from
  for (;;) {
    if (at < to && bytes[at] === QUOTE) {
      const end = cleanEnd(bytes, at, to, delimiter)
      if (end < 0 && strict) return 0
      if (end - at > 2) hasText = true
      if (end >= 0) at = end
    }
    // The cell `="00123"`, as spreadsheets write text that looks like a number.
    else if (strict && bytes[at] === EQUALS && bytes[at + 1] === QUOTE) {
      const end = cleanEnd(bytes, at + 1, to, delimiter)
      if (end >= 0) {
        hasText = true
        at = end
      }
    }
    for (; at < to && bytes[at] !== delimiter; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE && strict) return 0
      if (byte !== SPACE && byte !== TAB && byte !== QUOTE) hasText = true
    }
    if (at >= to) return hasText ? values : 0
    values++
    at++
  }
}

/** The end, after its closing quote, of the value that opens a quote at `start`, or -1 where it is not closed cleanly before `to`. */
function cleanEnd(bytes: Buffer, start: number, to: number, delimiter: number): number {
  for (let at = start + 1; at < to; at++) {
    if (bytes[at] !== QUOTE) continue
    at++
    if (at < to && bytes[at] === QUOTE) continue
    const closed = at
    while (at < to && isPadding(bytes[at], delimiter)) at++
    return at >= to || bytes[at] === delimiter ? closed : -1
  }
  return -1
}

function isPadding(byte: number | undefined, delimiter: number): boolean {
  return byte === SPACE || byte === DOS_END || (byte === TAB && delimiter !== TAB)
}
