/** A value of one column in COPY's text form; undefined and null are NULL. */
export type CopyValue = string | number | boolean | null | undefined

const SPECIAL = /[\\\t\n\r]/
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/**
 * One line of COPY's text format. A raw CR would end the copy, a raw backslash would change the value in silence
 * (`C:\new` would hold a line break), and a line of only `\.` would end the data.
 */
export function copyLine(values: readonly CopyValue[]): string {
  const texts: string[] = new Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === null || value === undefined) texts[i] = '\\N'
    else if (typeof value === 'string') texts[i] = SPECIAL.test(value) ? value.replace(EACH_SPECIAL, escaped) : value
    else texts[i] = String(value)
  }
  return `${texts.join('\t')}\n`
}

const EACH_SPECIAL = /[\\\t\n\r]/g

function escaped(character: string): string {
  return ESCAPES[character] as string
}

const LINE_END = 10

/** How much of `text`, lines of `copyLine`, keeps within both limits: whole lines from its start. */
export function firstLines(text: Uint8Array, most: { lines: number; bytes: number }): { lines: number; bytes: number } {
  let [lines, bytes] = [0, 0]
  while (lines < most.lines && bytes < text.length) {
    const end = text.indexOf(LINE_END, bytes) + 1
    if (end > most.bytes) break
    lines += 1
    bytes = end
  }
  return { lines, bytes }
}

/** Characters that are turned into bytes at a time: short-lived text costs little. */
const PENDING = 32 * 1024

/** Gathers lines of `copyLine` as UTF-8. Its space is used again for the next lines. */
export class CopyText {
  #bytes = Buffer.allocUnsafeSlow(256 * 1024)
  #length = 0
  #pending = ''

  add(line: string): void {
    this.#pending += line
    if (this.#pending.length > PENDING) this.#flush()
  }

  /** The lines since the last call, in bytes of their own. */
  take(): Uint8Array<ArrayBuffer> {
    this.#flush()
    const taken = new Uint8Array(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return taken
  }

  #flush(): void {
    // A UTF-16 unit becomes three bytes at most.
    const needed = this.#length + this.#pending.length * 3
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    this.#length += this.#bytes.write(this.#pending, this.#length)
    this.#pending = ''
  }
}
