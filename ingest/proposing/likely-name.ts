import { isSomethingElse, nameSign, type ProposedField } from './name-signs.ts'

const LOOKED_AT = 200
const LONGEST = 255

/**
 * The column that most likely took the place of `wanted`, by the names alone; null where none is near. A name that says
 * that it is something else is never the nearest: "Parent Mobile" does not take the place of "Mobile".
 */
export function likelyName(field: ProposedField | null, wanted: string, names: readonly string[]): string | null {
  if (field === null) return nearestName(wanted, names)
  const signed = names.slice(0, LOOKED_AT).flatMap((name) => {
    const sign = nameSign(name, field)
    return sign?.known ? [{ name, score: sign.score }] : []
  })
  signed.sort((a, b) => b.score - a.score)
  const nearest = nearestName(
    wanted,
    names.filter((name) => !isSomethingElse(name, field)),
  )
  return nearest ?? signed[0]?.name ?? null
}

/** The name that most resembles `wanted`, if one resembles it at all. */
function nearestName(wanted: string, names: readonly string[]): string | null {
  const letters = lettersOf(wanted)
  let nearest: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const name of names.slice(0, LOOKED_AT)) {
    const other = lettersOf(name.slice(0, LONGEST))
    const contained = letters !== '' && other !== '' && (other.includes(letters) || letters.includes(other))
    const distance = contained ? 1 : editDistance(letters, other)
    if (distance >= least || distance > Math.max(letters.length, other.length) * 0.5) continue
    least = distance
    nearest = name
  }
  return nearest
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** Levenshtein. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(replaced, (above[j] as number) + 1, (current[j - 1] as number) + 1))
    }
    above = current
  }
  return above[b.length] as number
}
