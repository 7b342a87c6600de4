import type { Delimiter } from '../../model/import-settings.ts'
import { DELIMITER_CHARACTERS } from './index.ts'

const DELIMITERS: readonly { character: string; one: string; many: string }[] = [
  { character: ',', one: 'comma', many: 'commas' },
  { character: '\t', one: 'tab', many: 'tabs' },
  { character: ';', one: 'semicolon', many: 'semicolons' },
  { character: '|', one: 'vertical bar', many: 'vertical bars' },
]

/** "The delimiter is set to comma, but the header has 11 tabs.", or null when the header speaks for the set delimiter. */
export function delimiterHint(header: string, set: Delimiter): string | null {
  const count = (character: string) => header.split(character).length - 1
  let most = count(DELIMITER_CHARACTERS[set])
  let hint: string | null = null
  for (const { character, one, many } of DELIMITERS) {
    const found = count(character)
    if (found <= most) continue
    most = found
    hint = `The delimiter is set to ${set}, but the header has ${found} ${found === 1 ? one : many}.`
  }
  return hint
}
