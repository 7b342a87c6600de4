/** Zero width, direction marks, soft hyphen, byte order mark, variation selectors: what Unicode tells programs not to show. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** `text` without the signs that do not print. Blanks, line breaks and control characters stay. */
export function withoutInvisible(text: string): string {
  return isAscii(text) ? text : text.replace(INVISIBLE, '')
}

/** Most values are, and need no look at Unicode. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}
