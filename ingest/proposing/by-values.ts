import { FIELD_TITLES } from '../../model/import-settings.ts'
import { type NameSign, type ProposedField, polarityOf } from './name-signs.ts'
import { optOutWords, shareOfOptOutWords } from './opt-out-words.ts'
import type { SampledColumn, ValueSigns } from './value-signs.ts'

export type Judged = Pick<NameSign, 'score' | 'sure'> & { because: string }

/** The name's sign in the light of the values: they can shake it, or prove the column to be something else. */
export function byValues(
  named: NameSign,
  { name, values }: SampledColumn,
  field: ProposedField,
  signs: ValueSigns,
): Judged | null {
  const title = field === 'optOut' ? 'an opt-out preference' : FIELD_TITLES[field]
  const because = `named like ${title}`
  if (signs.records === 0) return { ...named, sure: named.sure && field !== 'optOut', because }
  if (signs.filled === 0) return { score: named.score - 0.3, sure: false, because: `${because}, but empty` }
  const shaken = { score: named.score - 0.15, sure: false, because }
  switch (field) {
    case 'contactId':
      if (signs.ids < 0.5 || signs.writtenAsPhones > 0.5 || (values.length > 2 && signs.distinct < 0.3)) return null
      if (signs.filled < 0.95 || signs.ids < 0.95 || (values.length > 2 && signs.distinct < 0.6)) return shaken
      return { ...named, sure: named.sure && !signs.counted, because }
    case 'mobileNumber': {
      if (signs.phones === 0 && signs.records >= 3) return null
      const told = `${because}; ${percent(signs.phones)} of its values are valid phone numbers`
      if (signs.phones < 0.7 || (values.length > 3 && signs.distinct < 0.4)) return { ...shaken, because: told }
      return {
        ...named,
        score: named.score - (signs.filled < 0.5 ? 0.1 : 0),
        sure: named.sure && signs.filled >= 0.25,
        because: told,
      }
    }
    case 'firstName':
    case 'lastName':
      if (signs.names < 0.5) return null
      return signs.names < 0.8 || signs.filled < 0.8 ? shaken : { ...named, because }
    case 'staffId':
      if (signs.writtenAsPhones > 0.5 || signs.ids < 0.3) return null
      return signs.ids < 0.7 ? shaken : { ...named, because }
    case 'optOut':
      return optOutByValues(named, name, values, because)
  }
}

/** So many people do not opt out; the words may be the wrong way round. */
const MOST_OPTED_OUT = 0.6
const ENOUGH_VALUES = 10

function optOutByValues(named: NameSign, name: string, values: readonly string[], because: string): Judged | null {
  if (shareOfOptOutWords(values) < 0.5)
    return named.score >= 0.7 ? { score: named.score - 0.3, sure: false, because } : null
  const words = optOutWords(values, polarityOf(name))
  if (words === null)
    return { score: named.score - 0.1, sure: false, because: `${because}, but its values are not clear` }
  const filled = values.map((value) => value.trim().toLowerCase()).filter((value) => value !== '')
  const out = filled.filter((value) => value === words.optOutValue.toLowerCase()).length
  if (filled.length >= ENOUGH_VALUES && out > filled.length * MOST_OPTED_OUT)
    return { score: named.score - 0.1, sure: false, because: `${because}, but most of its values mean opted out` }
  // Values such as "Opted out" settle what "SMS Status" leaves open.
  const sure = named.sure
    ? polarityOf(name) !== null || words.absolute
    : words.absolute && named.known && named.score >= 0.7
  return { score: named.score, sure, because }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
