import { quoted } from './cell.ts'

/** `9.01235E+11`, `901.235E+9`, `9.01235E11`: a long number, rounded to what fits the column. `12E+11` may be an ID. */
const ROUNDED = /^-?(?:\d(?:[.,]\d+)?E[+-]\d{2,3}|\d{1,3}[.,]\d+E[+-]?\d{1,3})$/i
/** Errors of formulas, in any language (`#REF!`, `#BEZUG!`, `#NAME?`), and `####` for what was wider than its column. */
const ERRORS = /^(?:#[\p{Lu}\d_/ ¡¿]{2,20}[!?]|#N\/A|#n\/a|#N\/D|#NV|#GETTING_DATA|#{2,}|Err:\d{3})$/u

/** Says what a spreadsheet did to an ID, number or name; null where the value is its own. */
export function spreadsheetDamage(title: string, value: string): string | null {
  const first = value.charCodeAt(0)
  if (first === HASH || first === LETTER_E) {
    if (!ERRORS.test(value)) return null
    return `${title} is ${quoted(value)}: a spreadsheet wrote an error in its place. Export the column as text.`
  }
  if (!ROUNDED.test(value)) return null
  return `${quoted(value)} is no ${title} any more: a spreadsheet turned it into scientific notation and dropped digits. Export the column as text.`
}

const HASH = 0x23
const LETTER_E = 0x45
