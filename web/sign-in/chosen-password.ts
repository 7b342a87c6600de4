import { z } from 'zod'
import { isOfCommonPassword } from './common-passwords.ts'

/** NIST SP 800-63B: length is what counts; no rules of composition. */
const SHORTEST = 12
const LONGEST = 128

/** A password that a person chooses. */
export const chosenPassword = z
  .string()
  .refine((text) => [...text].length >= SHORTEST, `A password has at least ${SHORTEST} characters.`)
  .refine((text) => [...text].length <= LONGEST, `A password has at most ${LONGEST} characters.`)
  .refine((text) => !isCommon(text), 'This password is one of the first that anyone would guess. Choose another.')

/** What the commonest passwords are made of: alone, in a row, and with digits or signs around. */
const COMMON_WORDS = [
  'password passwort passw0rd motdepasse contrasena senha parola letmein welcome willkommen bienvenue hello secret',
  'admin administrator root user guest test default changeme temp demo master login access system server database',
  'qwerty qwertz azerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc wsxedc zaqwsx poiuyt lkjhgf mnbvcxz',
  'iloveyou loveyou lovely princess sunshine shadow monkey dragon football baseball basketball soccer hockey superman batman',
  'starwars pokemon michael jennifer jordan jessica ashley michelle daniel charlie thomas nicole anthony andrew matthew',
  'trustno freedom whatever computer internet google facebook linkedin microsoft windows samsung killer cheese summer',
  'winter spring autumn january february march april june july august september october november december monday friday',
  'liverpool chelsea arsenal manchester united barcelona newyork london paris america england school student teacher',
  'university college campus admissions registrar rosterport roster import cadence chocolate cookie banana orange purple',
  'unbelievable forever family flower butterfly angel money happy lucky mustang ferrari porsche mercedes maverick',
  'corvette jesus blessed pepper ginger buster hunter ranger tigger matrix abc abcd abcde love pass the and for you my',
]
  .join(' ')
  .split(' ')
  // The longest first, so that "passwords" is not taken apart as "pass" and a rest.
  .toSorted((a, b) => b.length - a.length)

/** Rows of keyboards and what is counted, as a finger runs along them. */
const RUNS = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
  '!@#$%^&*()_+',
]
const LONGEST_UNIT = 6

const LEET: Record<string, string> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/**
 * Whether a guesser tries it early: one of the most common passwords, common words in a row with digits and signs around,
 * something short again and again, or a run along a keyboard.
 */
export function isCommon(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase()
  if (isRepeated(text) || isRun(text)) return true
  // What stands before and behind is cut off first, so that a year at the end is not read as letters.
  const core = text.replace(/^[^\p{L}]+(?=\p{L})|[^\p{L}]+$/gu, '')
  const forms = [text, decoded(text), decoded(core)]
  return forms.some((form) => isOfCommonPassword(form) || isOfCommonWords(form.replace(/[^\p{L}]+/gu, '')))
}

function decoded(text: string): string {
  return [...text].map((character) => LEET[character] ?? character).join('')
}

/** The same few characters over and over, cut off anywhere: `abc123abc123ab`. */
function isRepeated(text: string): boolean {
  for (let unit = 1; unit <= LONGEST_UNIT; unit++)
    if (
      text ===
      text
        .slice(0, unit)
        .repeat(Math.ceil(text.length / unit))
        .slice(0, text.length)
    )
      return true
  return false
}

/** At most three runs of at least four characters make up the whole. */
function isRun(text: string): boolean {
  let rest = text
  for (let runs = 0; runs < 3 && rest !== ''; runs++) {
    const length = Math.max(
      ...RUNS.flatMap((run) => [run, [...run].reverse().join('')]).map((run) => shared(rest, run)),
    )
    if (length < 4) return false
    rest = rest.slice(length)
  }
  return rest === ''
}

/** How much of the beginning of `text` stands somewhere in `run`. */
function shared(text: string, run: string): number {
  let length = 0
  while (length < text.length && run.includes(text.slice(0, length + 1))) length++
  return length
}

function isOfCommonWords(text: string): boolean {
  if (text === '') return false
  let rest = text
  while (rest !== '') {
    const word = COMMON_WORDS.find((common) => rest.startsWith(common))
    if (!word) return false
    rest = rest.slice(word.length)
  }
  return true
}
