import type { Delimiter } from '../../model/import-settings.ts'
import { DELIMITER_CHARACTERS } from './index.ts'

const DELIMITERS: readonly { character: string; one: string; many: string; settable: Delimiter | null }[] = [
  { character: ',', one: 'comma', many: 'commas', settable: 'comma' },
  { character: '\t', one: 'tab', many: 'tabs', settable: 'tab' },
  { character: ';', one: 'semicolon', many: 'semicolons', settable: null },
  { character: '|', one: 'vertical bar', many: 'vertical bars', settable: null },
]

/**
 * "The delimiter is set to comma, but the header has 11 tabs.", with what to do about it, or null when the header speaks for
 * the set delimiter.
 */
export function delimiterHint(header: string, set: Delimiter): string | null {
  const count = (character: string) => header.split(character).length - 1
  let most = count(DELIMITER_CHARACTERS[set])
  let hint: string | null = null
  for (const { character, one, many, settable } of DELIMITERS) {
    const found = count(character)
    if (found <= most) continue
    most = found
    const change = settable ? `Change Delimiter to ${settable} in Configure Imports, or export` : 'Export'
    hint = `The delimiter is set to ${set}, but the header has ${found} ${found === 1 ? one : many}. ${change} the file with ${set}s.`
  }
  return hint
}
