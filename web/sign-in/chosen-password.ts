import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'
import { boundedText } from '../../model/limits/bounded-text.ts'

/** NIST SP 800-63B: length is what counts; no rules of composition. */
const SHORTEST = 12
const LONGEST = 128

/** Words of this product and its trade, which an attacker tries first. */
const OWN_WORDS = [
  'rosterport roster cadence import contact contacts registrar admissions administrator admin owner password',
  'university college campus student students school teacher',
].flatMap((line) => line.split(' '))

const strength = new ZxcvbnFactory({
  dictionary: { ...dictionary, 'own-words': OWN_WORDS },
  graphs: adjacencyGraphs,
  // The time grows with the square of the length. A password whose first 64 characters are weak is a weak one.
  maxLength: 64,
  l33tMaxSubstitutions: 20,
})
/** On the scale of 0 to 4; a lower score means fewer than 10^8 guesses. */
const STRONG = 3
/** Below this a word counts as common. Attackers try digits and signs around such words, so these add no strength. */
const COMMON_WORD_GUESSES = 1e5

/** A password that a person chooses. A character has two UTF-16 units at most. */
export const chosenPassword = boundedText(2 * LONGEST, `A password has at most ${LONGEST} characters.`).superRefine(
  (password, context) => {
    const message = passwordProblem(password)
    if (message !== null) context.addIssue({ code: 'custom', message })
  },
)

function passwordProblem(password: string): string | null {
  const characters = [...password].length
  if (characters > LONGEST) return `A password has at most ${LONGEST} characters.`
  if (characters < SHORTEST) return `A password has at least ${SHORTEST} characters.`
  return isCommon(password) ? 'This password is easy to guess. Choose another.' : null
}

/** Easy to guess: too few guesses by zxcvbn, own words alone, or one common word with digits and signs around it. */
function isCommon(password: string): boolean {
  const text = password.normalize('NFKC')
  if (strength.check(text).score < STRONG) return true
  const words = text
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
  // Each of them is weak, and a row of them is not much better, whatever stands between.
  if (words.length > 0 && words.every((word) => OWN_WORDS.includes(word))) return true
  const word = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  if (word.length < 4 || word === text) return false
  const { guesses, sequence } = strength.check(word)
  return guesses < COMMON_WORD_GUESSES && sequence.every(({ pattern }) => pattern !== 'bruteforce')
}
