/**
 * Signs that take no room: zero width, direction marks, soft hyphens, byte order marks, variation selectors, fillers, tags; and
 * the Braille pattern without dots.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]/gu
/** `text` without the signs in it that do not print. */
export function withoutInvisible(text: string): string {
  return isAscii(text) ? text : text.replace(INVISIBLE, '')
}

/** Most values are, and need no look at Unicode. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Beside those: other signs of format, line separators, and controls beyond ASCII. */
const HARD_TO_SEE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}\u0080-\u009f\u2800]/gu

const KINDS: readonly { kind: string; signs: RegExp }[] = [
  { kind: 'a direction mark', signs: /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/ },
  { kind: 'a byte order mark', signs: /\ufeff/ },
  { kind: 'a soft hyphen', signs: /\u00ad/ },
  { kind: 'a zero-width space', signs: /\u200b/ },
  { kind: 'a zero-width joiner', signs: /\u200d/ },
  { kind: 'a zero-width non-joiner', signs: /\u200c/ },
  { kind: 'a word joiner', signs: /\u2060/ },
  { kind: 'a variation selector', signs: /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u },
  { kind: 'a line separator', signs: /[\u2028\u2029]/ },
  { kind: 'a control character', signs: /[\u0080-\u009f]/ },
]

/** "U+202D, a direction mark" for each kind of invisible sign in `text`, three at most; null where there is none. */
export function namedInvisible(text: string): string | null {
  const found = isAscii(text) ? new Set<string>() : new Set(text.match(HARD_TO_SEE))
  if (found.size === 0) return null
  return [...found].slice(0, 3).map(named).join('; ')
}

function named(sign: string): string {
  const code = (sign.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
  const kind = KINDS.find(({ signs }) => signs.test(sign))?.kind ?? 'a sign that does not print'
  return `U+${code}, ${kind}`
}
