import type { RequiredField } from '../../model/import-settings.ts'
import { type Concept, conceptsOf } from './column-words.ts'

/** What a column may be proposed for. */
export const PROPOSED_FIELDS = [
  'contactId',
  'firstName',
  'lastName',
  'mobileNumber',
  'staffId',
  'optOut',
] as const satisfies readonly (RequiredField | 'staffId' | 'optOut')[]
export type ProposedField = (typeof PROPOSED_FIELDS)[number]

/** What a yes in the column means: texts are wanted, or are not; null: the name does not say. */
export type Polarity = 'in' | 'out' | null

export interface NameSign {
  /** From 0 to 1, to rank columns. */
  score: number
  /** Every word of the name is known and belongs to the field. */
  known: boolean
  /** Known, and it can mean nothing else. */
  sure: boolean
}

interface FieldRule {
  /** A name with one of these is not the field. */
  against: readonly Concept[]
  /** Other ideas in a name make it unsure. */
  neutral: readonly Concept[]
  /** How well a name of these ideas fits; null: not at all. */
  likeness(has: (...concepts: Concept[]) => boolean): number | null
}

/** A lower fit is never sure. */
const SURE = 0.8
const STRAY = 0.25

const PREFERENCE: readonly Concept[] = ['opt', 'in', 'out', 'agree', 'refuse', 'not', 'preference']
const PHONES: readonly Concept[] = ['mobile', 'text', 'phone', 'message']
const NOT_A_NAME: readonly Concept[] = [
  ...PREFERENCE,
  ...PHONES,
  ...(['middle', 'other', 'staff', 'id', 'number', 'aside', 'secondary', 'elsewhere', 'ref', 'emplid'] as const),
]

const RULES: Record<ProposedField, FieldRule> = {
  contactId: {
    against: [
      ...PREFERENCE,
      ...PHONES,
      ...(['staff', 'other', 'family', 'first', 'last', 'middle', 'name', 'secondary', 'aside'] as const),
    ],
    neutral: [
      ...(['id', 'number', 'emplid', 'ref', 'student', 'person', 'contact', 'prospect', 'university'] as const),
      ...(['school', 'system', 'crm', 'main', 'table', 'filler'] as const),
    ],
    likeness(has) {
      if (has('emplid')) return 0.93
      if (has('login')) return has('school', 'office') ? null : 0.25
      if (has('internal')) return 0.3
      const id = has('id')
      if (!id && has('ref')) return has('system', 'person') ? 0.7 : 0.6
      // G Number, W#.
      if (!id && has('number') && has('letter')) return 0.85
      if (!id && (!has('number') || !has('student', 'university', 'system', 'prospect', 'person'))) return null
      // The primary contact of a student is often a parent.
      if (has('contact') && has('main')) return 0.6
      if (has('student', 'contact')) return 0.95
      if (has('crm')) return 0.7
      if (has('system')) return 0.92
      if (has('person')) return 0.9
      if (has('university')) return 0.88
      if (has('prospect')) return 0.75
      if (has('school')) return 0.6
      return has('number') ? 0.85 : SURE
    },
  },
  firstName: {
    against: [...NOT_A_NAME, 'last', 'family'],
    neutral: ['first', 'name', 'student', 'person', 'contact', 'preferred', 'legal', 'main', 'table', 'filler'],
    likeness(has) {
      if (!has('first')) return has('preferred') && has('name') ? 0.55 : null
      // "Contact First Name" stands beside "First Name" where the contact is somebody else.
      if (has('contact')) return has('name') ? SURE : null
      if (has('preferred')) return 0.9
      if (has('legal')) return 0.87
      return has('name') ? 0.95 : 0.85
    },
  },
  lastName: {
    against: [...NOT_A_NAME, 'first'],
    neutral: [
      'last',
      'family',
      'name',
      'student',
      'person',
      'contact',
      'preferred',
      'legal',
      'main',
      'table',
      'filler',
    ],
    likeness(has) {
      if (!has('last')) return has('family') && has('name') ? 0.9 : null
      if (has('contact')) return has('name') ? SURE : null
      if (has('preferred', 'legal')) return 0.87
      return has('name') ? 0.95 : 0.85
    },
  },
  mobileNumber: {
    against: [
      ...PREFERENCE,
      ...(['other', 'family', 'staff', 'office', 'elsewhere', 'aside', 'id', 'ref', 'name', 'emplid'] as const),
      ...(['first', 'last', 'middle'] as const),
    ],
    neutral: [
      ...(['mobile', 'text', 'phone', 'message', 'number', 'student', 'person'] as const),
      ...(['main', 'preferred', 'personal', 'table', 'filler'] as const),
    ],
    likeness(has) {
      if (has('mobile')) return 0.95
      if (has('text')) return has('phone', 'number') ? 0.9 : 0.45
      // On forms of the US a message phone belongs to somebody else.
      if (has('message')) return null
      if (has('phone')) return has('main', 'preferred', 'personal') ? 0.55 : 0.5
      return has('contact') && has('number') ? 0.4 : null
    },
  },
  staffId: {
    against: [
      ...PREFERENCE,
      ...PHONES,
      ...(['other', 'family', 'first', 'last', 'middle', 'name', 'aside', 'legal', 'elsewhere'] as const),
    ],
    neutral: ['staff', 'office', 'id', 'number', 'student', 'main', 'table', 'filler'],
    likeness: (has) => (has('staff') ? (has('id', 'number') ? 0.9 : 0.6) : null),
  },
  optOut: {
    against: [
      ...(['other', 'family', 'staff', 'office', 'aside', 'elsewhere', 'id', 'name', 'first', 'last'] as const),
      ...(['middle', 'ref', 'internal', 'login', 'secondary'] as const),
    ],
    neutral: [
      ...PREFERENCE,
      ...(['text', 'message', 'mobile', 'preferred', 'student', 'person', 'main', 'table', 'filler'] as const),
    ],
    likeness(has) {
      const about = has('opt', 'agree', 'refuse', 'not')
      if (has('text')) return about ? 0.95 : has('preference', 'preferred') ? 0.7 : has('phone', 'number') ? null : 0.45
      if (has('mobile', 'message')) return about ? 0.65 : has('preference', 'preferred') ? 0.4 : null
      if (has('phone')) return null
      if (has('opt')) return 0.55
      if (has('not')) return has('contact') ? 0.5 : null
      return has('agree') && !has('contact') ? 0.35 : null
    },
  },
}

/** What the name of a column says about a field; null: the column is not the field, or the name says nothing. */
export function nameSign(columnName: string, field: ProposedField): NameSign | null {
  const concepts = new Set(conceptsOf(columnName))
  const { against, neutral, likeness } = RULES[field]
  if (against.some((concept) => concepts.has(concept))) return null
  const fits = likeness((...some) => some.some((concept) => concepts.has(concept)))
  if (fits === null) return null
  const strays = [...concepts].filter((concept) => !neutral.includes(concept)).length
  const known = strays === 0
  return { score: Math.max(0.1, fits - strays * STRAY), known, sure: known && fits >= SURE }
}

/** The name says that the column is something else. */
export function isSomethingElse(columnName: string, field: ProposedField): boolean {
  const concepts = conceptsOf(columnName)
  return RULES[field].against.some((concept) => concepts.includes(concept))
}

/** No word of the name is known, so it speaks neither for nor against any field. */
export function saysNothing(columnName: string): boolean {
  return conceptsOf(columnName).every((concept) => concept === 'unknown' || concept === 'filler' || concept === 'table')
}

/** What a yes in a column of this name means. A name that says it twice, or both ways, does not say it. */
export function polarityOf(columnName: string): Polarity {
  const concepts = conceptsOf(columnName)
  const count = (concept: Concept) => concepts.filter((one) => one === concept).length
  const opt = count('opt') > 0
  const divided = count('in') > 0 && count('out') > 0
  if (divided || (opt && count('in') + count('out') === 0)) return null
  const yes = (opt && count('in') > 0 ? 1 : 0) + count('agree')
  const no = (opt && count('out') > 0 ? 1 : 0) + count('refuse') + count('not')
  if (yes > 0 && no === 0) return 'in'
  return no === 1 && yes === 0 ? 'out' : null
}
