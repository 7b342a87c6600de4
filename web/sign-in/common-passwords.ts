import { dictionary } from '@zxcvbn-ts/language-common'

/** The list is sorted, the commonest first. */
const COMMONEST = new Set(dictionary['passwords-common'].slice(0, 3000))
const LONGEST = Math.max(...[...COMMONEST].map(({ length }) => length))
/** A shorter one says too little about what stands around it. */
const SHORTEST_BASE = 4

/** Whether `text`, in lower case, is one of the 3,000 most common passwords, one of them twice, or one with digits and signs around. */
export function isOfCommonPassword(text: string): boolean {
  if (COMMONEST.has(text)) return true
  const half = text.slice(0, text.length / 2)
  if (half + half === text && COMMONEST.has(half)) return true
  const { index: firstLetter } = /\p{L}/u.exec(text) ?? { index: null }
  if (firstLetter === null) return false
  const afterLastLetter = text.length - (/[^\p{L}]*$/u.exec(text)?.[0].length ?? 0)
  // Digits may belong to the common password itself, as in trustno1.
  for (let start = 0; start <= firstLetter; start++) {
    const longest = Math.min(text.length, start + LONGEST)
    for (let end = Math.max(afterLastLetter, start + SHORTEST_BASE); end <= longest; end++)
      if (COMMONEST.has(text.slice(start, end))) return true
  }
  return false
}
