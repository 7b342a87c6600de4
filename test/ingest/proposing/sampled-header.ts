import { PROPOSED_FIELDS, type ProposedField } from '../../../ingest/proposing/name-signs.ts'
import type { SampledColumn } from '../../../ingest/proposing/value-signs.ts'

export interface SampledHeader {
  columns: SampledColumn[]
  /** The column that holds each field. */
  right: Partial<Record<ProposedField, string>>
  words: { optInValue: string; optOutValue: string } | null
}

const RECORDS = 6
const FIRST = ['Ann', 'José', 'Mary Kate', "D'Andre", 'Li', 'Zoë']
const LAST = ['Lee', 'García', "O'Neil", 'Smith-Jones', 'Van Dyke', 'Park']
const OTHERS = ['Kim', 'Pat', 'Robin', 'Sam', 'Alex', 'Jo']

/** What the values of a column look like, by the record. */
const KINDS: Record<string, (record: number) => string> = {
  bid: (n) => `A0012${n}47${n}`,
  bid2: (n) => `A0077${n}13${n}`,
  emplid: (n) => `10${n}45${n}78`,
  cid: (n) => `C${n}77${n}`,
  seven0: (n) => `00${n}23${n}5`,
  six: (n) => `4${n}82${n}1`,
  six2: (n) => `7${n}11${n}3`,
  ref: (n) => `73${n}20${n}118`,
  ref2: (n) => `55${n}91${n}204`,
  aid: (n) => `s${(n % 2) + 70}`,
  sparseid: (n) => (n === 3 ? '778120' : ''),
  serial: (n) => `${881_203 + 3 * n}`,
  serial1: (n) => `${n + 1}`,
  ssn: (n) => `90${n}-55-000${n}`,
  guid: (n) => `3f2a9c1${n}-88aa-4b1c-9d2e-5a6b7c8d9e0${n}`,
  login: (n) => `user${n}a`,
  first: (n) => FIRST[n] as string,
  first2: (n) => OTHERS[n] as string,
  preferred: (n) => (FIRST[n] as string).slice(0, 3).trim(),
  last: (n) => LAST[n] as string,
  last2: (n) => LAST[5 - n] as string,
  name: (n) => `${LAST[n]}, ${FIRST[n]}`,
  sparse: (n) => (n === 2 ? 'Bo' : ''),
  letter: (n) => 'ABCDEF'.charAt(n),
  cell: (n) => (n === 4 ? '' : `(716) 555-01${n}2`),
  cell2: (n) => `585-555-01${n}4`,
  cell3: (n) => `607.555.01${n}8`,
  seven: (n) => `555-01${n}6`,
  area: () => '716',
  email: (n) => `person${n}@example.edu`,
  street: (n) => `${n} Elm Street`,
  school: (n) => `North ${LAST[n]} High`,
  date: (n) => `2026-0${n + 1}-14`,
  term: () => '202610',
  ceeb: (n) => `33${n}105`,
  code: (n) => ['BIO', 'CS', 'ENG'][n % 3] as string,
  count: (n) => `${n}`,
  one: () => '1',
}

export function sampledHeader(line: string): SampledHeader {
  const header: SampledHeader = { columns: [], right: {}, words: null }
  for (const part of line.split(' | ')) {
    const words = part.trim().split(' ')
    const kind = words.pop() as string
    const field = PROPOSED_FIELDS.find((one) => `=${one}` === words.at(-1))
    if (field) words.pop()
    const name = words.join(' ')
    const [out, into] = kind.startsWith('pref:') ? (kind.slice(5).split('/') as [string, string]) : []
    const value = out === undefined ? KINDS[kind] : (n: number) => (n === 2 ? (out as string) : (into as string))
    if (!value) throw new Error(`no values of the kind ${kind}`)
    header.columns.push({ name, values: Array.from({ length: RECORDS }, (_, n) => value(n)) })
    if (field) header.right[field] = name
    if (field === 'optOut') header.words = { optOutValue: out as string, optInValue: into as string }
  }
  return header
}
