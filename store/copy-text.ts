/** A value of one column in COPY's text form; undefined and null are NULL. */
export type CopyValue = string | number | boolean | null | undefined

const SPECIAL = /[\\\t\n\r]/
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/**
 * One line of COPY's text format. A raw CR would end the copy, a raw backslash would change the value in silence
 * (`C:\new` would hold a line break), and a line of only `\.` would end the data.
 */
export function copyLine(values: readonly CopyValue[]): string {
  let line = ''
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (i > 0) line += '\t'
    if (value === null || value === undefined) line += '\\N'
    else if (typeof value === 'string')
      line += SPECIAL.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string) : value
    else line += String(value)
  }
  return `${line}\n`
}
