import { namedInvisible } from '../../model/invisible-signs.ts'

/**
 * What a spreadsheet runs as a formula, or drops: these signs, also in full width, and control characters in front. Guards
 * before them count too, so that taking one off undoes exactly the putting on of one.
 */
const FORMULA_START = /^'*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/

/**
 * Where a cell begins in the middle of a value, quoted or not: a spreadsheet that divides at `;` takes a quote within a cell
 * for a character, so that a line break ends the record.
 */
const FORMULA_INSIDE = /([;\t\r\n]"*)('*[=+\-@\0\uff1d\uff0b\uff0d\uff20])/g
const GUARD_INSIDE = /([;\t\r\n]"*)'('*[=+\-@\0\uff1d\uff0b\uff0d\uff20])/g

/** `cell` as a spreadsheet shows it and does not run it. Read again, it has the same plain value. */
export function guardedCell(cell: string): string {
  const guarded = withGuard(cell)
  const value = plainValue(cell)
  return plainValue(guarded) === value ? guarded : withGuard(value)
}

function withGuard(text: string): string {
  const inside = text.replace(FORMULA_INSIDE, "$1'$2")
  return FORMULA_START.test(inside) ? `'${inside}` : inside
}

/** The value without outer blanks (NBSP and marks too) and without what spreadsheets put around text that looks like something else. */
export function plainValue(cell: string): string {
  const value = withoutStart(cell.trim())
  return value.includes("'") ? value.replace(GUARD_INSIDE, '$1$2') : value
}

function withoutStart(value: string): string {
  const first = value.charCodeAt(0)
  if (first === 0x27 && FORMULA_START.test(value.slice(1))) return value.slice(1).trim()
  // What MySQL writes for NULL.
  if (first === 0x5c) return value === '\\N' ? '' : value
  if (first === 0x3d) {
    const text = /^="([^"]*)"$/.exec(value)
    if (text) return (text[1] as string).trim()
  }
  return value
}

/** `value` for quoting in a sentence: `shown`, with invisible characters given by name. */
export function quoted(value: string): string {
  const invisible = namedInvisible(value)
  return invisible === null ? `"${shown(value)}"` : `"${shown(value)}" (holds ${invisible})`
}

/** `value` short, on one line, without control characters. */
export function shown(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is made visible here
  const line = value.replace(/[\u0000-\u001f\u007f]/g, (character) =>
    character === '\x7f' ? '\u2421' : String.fromCharCode(0x2400 + character.charCodeAt(0)),
  )
  const beginning = [...line.slice(0, 200)].slice(0, 80).join('')
  return beginning.length < line.length ? `${beginning}…` : line
}
