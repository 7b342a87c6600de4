import { byValues } from './by-values.ts'
import {
  isSomethingElse,
  type NameSign,
  nameSign,
  PROPOSED_FIELDS,
  type ProposedField,
  polarityOf,
  saysNothing,
} from './name-signs.ts'
import { type OptOutWords, optOutWords } from './opt-out-words.ts'
import { type SampledColumn, type ValueSigns, valueSignsReader } from './value-signs.ts'

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

/** A column of phone numbers whose name says nothing may be that of the mobile number, if nothing better is there. */
function namelessSign({ name, values }: SampledColumn, field: ProposedField, signsOf: SignsOf): NameSign | null {
  if (field !== 'mobileNumber' || !saysNothing(name)) return null
  const signs = signsOf(values)
  return signs.phones >= 0.9 && signs.distinct >= 0.5 ? { score: 0.3, known: false, sure: false } : null
}
