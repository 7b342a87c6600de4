import { DELIMITERS, type Delimiter } from '../../model/delimiters.ts'

/** Delimiters that files have and that cannot be set. */
const OTHERS = [
  { character: ';', title: 'Semicolon', plural: 'semicolons' },
  { character: '|', title: 'Vertical bar', plural: 'vertical bars' },
]

const FOUND = [
  ...Object.values(DELIMITERS).map((one) => ({ ...one, settable: true })),
  ...OTHERS.map((one) => ({ ...one, settable: false })),
]

/**
 * "The delimiter is set to comma, but the header has 11 tabs.", with what to do about it, or null when the header speaks for
 * the set delimiter.
 */
export function delimiterHint(header: string, set: Delimiter): string | null {
  const count = (character: string) => header.split(character).length - 1
  let most = count(DELIMITERS[set].character)
  let hint: string | null = null
  for (const { character, title, plural, settable } of FOUND) {
    const found = count(character)
    if (found <= most) continue
    most = found
    const name = title.toLowerCase()
    const change = settable ? `Change Delimiter to ${name} in Configure Imports, or export` : 'Export'
    hint =
      `The delimiter is set to ${set}, but the header has ${found} ${found === 1 ? name : plural}. ` +
      `${change} the file with ${DELIMITERS[set].plural}.`
  }
  return hint
}
