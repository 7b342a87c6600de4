import { FIELD_TITLES } from '../../model/import-settings.ts'
import {
  isSomethingElse,
  type NameSign,
  nameSign,
  PROPOSED_FIELDS,
  type ProposedField,
  polarityOf,
  saysNothing,
} from './name-signs.ts'
import { type OptOutWords, optOutWords, shareOfOptOutWords } from './opt-out-words.ts'
import { type ValueSigns, valueSignsReader } from './value-signs.ts'

/** A column with the values of the first records, in their order. */
export interface SampledColumn {
  name: string
  values: readonly string[]
}

/** `confident`: name and values agree, and no other column comes near. `possible`: a person has to look. */
export type Confidence = 'confident' | 'possible'

export interface Proposal {
  column: string
  confidence: Confidence
  /** What speaks for the column, in words. */
  because: string
}

/** Fields without a likely column are absent. */
export type Proposals = Partial<Record<ProposedField, Proposal>> & { optOutWords?: OptOutWords }

/** What is known about the values of a column from contacts: records that were compared, and those that agree. */
export interface Agreement {
  compared: number
  equal: number
}

export type AgreementOf = (field: ProposedField, column: SampledColumn) => Agreement | null

type SignsOf = (values: readonly string[]) => ValueSigns

/** A column as it stands for one field. */
interface Ranked {
  column: SampledColumn
  field: ProposedField
  score: number
  sure: boolean
  because: string
  words: OptOutWords | null
}

/** Two columns this near to each other are rivals: neither is proposed with confidence. */
const RIVAL = 0.125
const BARE_ID = 0.85
const RIVAL_OF_BARE_ID = 0.45
/** Fewer compared records prove nothing. */
const ENOUGH_COMPARED = 5
const AGREES = 0.8
const DISAGREES = 0.5

/** Proposes a column for each field that has one. Each column is proposed once, and nothing is applied. */
export function proposeColumns(
  columns: readonly SampledColumn[],
  fields: readonly ProposedField[] = PROPOSED_FIELDS,
  agreementOf: AgreementOf = () => null,
): Proposals {
  const proposals: Proposals = {}
  const signsOf = valueSignsReader()
  const ranked = fields
    .flatMap((field) => rankColumns(columns, field, signsOf, agreementOf))
    .sort((a, b) => b.score - a.score)
  const taken = new Set<string>()
  for (const best of ranked) {
    const { field, column } = best
    if (proposals[field] || taken.has(column.name)) continue
    const rivals = ranked.filter((one) => one !== best && one.field === field && isRival(one, best))
    const confidence = best.sure && rivals.length === 0 ? 'confident' : 'possible'
    taken.add(column.name)
    proposals[field] = { column: column.name, confidence, because: becauseOf(best, rivals) }
    if (best.words) {
      const { optInValue, optOutValue } = best.words
      proposals.optOutWords = { optInValue, optOutValue }
    }
  }
  return proposals
}

function becauseOf({ because }: Ranked, rivals: readonly Ranked[]): string {
  return rivals.length === 0
    ? because
    : `${because}; ${rivals.map(({ column }) => column.name).join(', ')} may be it as well`
}

/** Columns that hold the same in each record are no rivals: either is right. */
function isRival(one: Ranked, best: Ranked): boolean {
  // A bare "ID" may count the rows of a database.
  const near = best.field === 'contactId' && best.score <= BARE_ID ? RIVAL_OF_BARE_ID : RIVAL
  if (one.score < best.score - near) return false
  const { values } = one.column
  return values.length === 0 || values.some((value, index) => value.trim() !== best.column.values[index]?.trim())
}

/** The columns that may hold a field, the likeliest first. */
function rankColumns(
  columns: readonly SampledColumn[],
  field: ProposedField,
  signsOf: SignsOf,
  agreementOf: AgreementOf,
): Ranked[] {
  const names = columns.map(({ name }) => name.trim().toLowerCase())
  return columns
    .flatMap((column, index) => {
      // A name that the header has twice maps to nothing.
      if (names.indexOf(names[index] as string) !== names.lastIndexOf(names[index] as string)) return []
      return standing(column, field, signsOf, agreementOf(field, column))
    })
    .sort((a, b) => b.score - a.score)
}

function standing(
  column: SampledColumn,
  field: ProposedField,
  signsOf: SignsOf,
  agreement: Agreement | null,
): Ranked[] {
  const { name, values } = column
  const named = nameSign(name, field) ?? namelessSign(column, field, signsOf)
  const judged = named && byValues(named, column, field, signsOf(values))
  const share = agreement && agreement.compared >= ENOUGH_COMPARED ? agreement.equal / agreement.compared : null
  const words = field === 'optOut' ? optOutWords(values, polarityOf(name)) : null
  const known =
    share === null ? '' : `; ${agreement?.equal} of ${agreement?.compared} values are those of known contacts`
  if (!judged) {
    if (share === null || share < AGREES || field === 'optOut') return []
    // A person decides, whatever the values say: the name does not speak for it, or even against it.
    return [
      {
        column,
        field,
        score: isSomethingElse(name, field) ? 0.35 : 0.9,
        sure: false,
        because: `its values match${known}`,
        words,
      },
    ]
  }
  const { sure, score, because } = judged
  const base = { column, field, words, because: `${because}${known}` }
  if (share !== null && share >= AGREES)
    return [{ ...base, score: Math.max(score, 0.9) + 0.1, sure: sure || field !== 'optOut' }]
  if (share !== null && share < DISAGREES)
    return [{ ...base, score: score - 0.4, sure: false }].filter((one) => one.score > 0)
  return [{ ...base, score, sure }]
}

type Judged = Pick<NameSign, 'score' | 'sure'> & { because: string }

/** A column of phone numbers whose name says nothing may be that of the mobile number, if nothing better is there. */
function namelessSign({ name, values }: SampledColumn, field: ProposedField, signsOf: SignsOf): NameSign | null {
  if (field !== 'mobileNumber' || !saysNothing(name)) return null
  const signs = signsOf(values)
  return signs.phones >= 0.9 && signs.distinct >= 0.5 ? { score: 0.3, known: false, sure: false } : null
}

/** The name's sign in the light of the values: they can shake it, or prove the column to be something else. */
function byValues(
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
