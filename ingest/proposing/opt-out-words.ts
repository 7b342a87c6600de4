import { plainValue } from '../records/cell.ts'
import type { Polarity } from './name-signs.ts'

export interface OptOutWords {
  optInValue: string
  optOutValue: string
}

/** Words that mean the same whatever the column is called. */
const OUT =
  'out,optout,opt out,opted out,stop,stopped,stop all,unsubscribe,unsubscribed,do not text,dont text,no text,no texts,dnt'
const IN = 'in,optin,opt in,opted in,subscribe,subscribed,ok to text,text ok,may text,yes text'
/** Words that answer the question of the column's name. */
const YES = 'y,yes,t,true,1,-1,x,on,checked'
const NO = 'n,no,f,false,0,off,unchecked'
/** Words that answer a request for consent; of an opt-out they might mean either. */
const GIVEN = 'consent,consented,granted,given,accepted,agreed,allow,allowed,approved,ok,permit,permitted,yes consent'
const REFUSED = 'denied,declined,refused,revoked,withdrawn,rejected,deny,decline,disallow,blocked,no consent'

type Kind = 'out' | 'in' | 'yes' | 'no' | 'given' | 'refused'

const KINDS: ReadonlyMap<string, Kind> = new Map(
  (Object.entries({ out: OUT, in: IN, yes: YES, no: NO, given: GIVEN, refused: REFUSED }) as [Kind, string][]).flatMap(
    ([kind, words]) => words.split(',').map((word): [string, Kind] => [word, kind]),
  ),
)

const OPPOSITES = [
  ['y', 'n'],
  ['yes', 'no'],
  ['t', 'f'],
  ['true', 'false'],
  ['1', '0'],
  ['on', 'off'],
  ['checked', 'unchecked'],
  ['x', 'no'],
  ['in', 'out'],
  ['optin', 'optout'],
  ['opt in', 'opt out'],
  ['opted in', 'opted out'],
  ['subscribed', 'unsubscribed'],
  ['subscribe', 'unsubscribe'],
  ['granted', 'denied'],
  ['accepted', 'declined'],
  ['agreed', 'declined'],
  ['allowed', 'blocked'],
] as const

/**
 * The two words of an opt-out column, read from its values and from what a yes in it means. Null where the values are
 * something else, hold more than two words, or do not say which is which.
 */
export function optOutWords(
  values: readonly string[],
  polarity: Polarity,
): (OptOutWords & { absolute: boolean }) | null {
  const spellings = spellingsOf(values)
  const found = [...spellings.keys()].map((word) => ({ word, means: meaning(KINDS.get(word) ?? null, polarity) }))
  if (found.length === 0 || found.length > 2 || found.some(({ means }) => means === null)) return null
  const written = (means: 'in' | 'out') => found.find((one) => one.means === means)?.word ?? null
  const optIn = written('in') ?? opposite(written('out') as string)
  const optOut = written('out') ?? opposite(written('in') as string)
  // Two words that mean the same, or one whose opposite nobody knows.
  if (optIn === null || optOut === null || (found.length === 2 && found[0]?.means === found[1]?.means)) return null
  const shown = (word: string, other: string) => spellings.get(word) ?? inTheCaseOf(spellings.get(other) ?? '', word)
  return {
    optInValue: shown(optIn, optOut),
    optOutValue: shown(optOut, optIn),
    absolute: found.every(({ word }) => ['in', 'out'].includes(KINDS.get(word) as Kind)),
  }
}

/** The share of the values that are words of a preference at all. */
export function shareOfOptOutWords(values: readonly string[]): number {
  const filled = values.map(compared).filter((word) => word !== '')
  return filled.length === 0 ? 0 : filled.filter((word) => KINDS.has(word)).length / filled.length
}

function meaning(kind: Kind | null, polarity: Polarity): 'in' | 'out' | null {
  if (kind === 'in' || kind === 'out') return kind
  if (kind === null || polarity === null) return null
  if (kind === 'yes') return polarity
  if (kind === 'no') return polarity === 'in' ? 'out' : 'in'
  if (polarity === 'out') return null
  return kind === 'given' ? 'in' : 'out'
}

/** Each word as it is compared, and as it is first written. */
function spellingsOf(values: readonly string[]): Map<string, string> {
  const spellings = new Map<string, string>()
  for (const value of values) {
    const word = compared(value)
    if (word !== '' && !spellings.has(word)) spellings.set(word, plainValue(value))
  }
  return spellings
}

function compared(value: string): string {
  const word = plainValue(value).toLowerCase()
  return word === '-1'
    ? word
    : word
        .replace(/[’']/g, '')
        .replace(/[\s_-]+/g, ' ')
        .trim()
}

function opposite(word: string): string | null {
  for (const [one, other] of OPPOSITES) {
    if (word === one) return other
    if (word === other) return one
  }
  return null
}

function inTheCaseOf(written: string, word: string): string {
  if (written === written.toUpperCase()) return word.toUpperCase()
  return written.charAt(0) === written.charAt(0).toUpperCase() ? word.charAt(0).toUpperCase() + word.slice(1) : word
}
