import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

const COLUMNS = [
  'ID',
  'First',
  'Last',
  'Cell',
  'Email',
  'Advisor',
  'Opt Out',
  'Major',
  'Year',
  'Campus',
  'Address',
  'Note',
]
const FIRST = [
  'Ann',
  'José',
  'Bo',
  'Mia',
  'Zoë',
  'Liam',
  'Noah',
  'Aiko',
  'Olu',
  'Priya',
  'Søren',
  'Chloé',
  'Max',
  'Eva',
]
const LAST = ['Lee', 'Park', 'García', 'Nguyễn', 'Smith', 'Jones', 'Kowalski', 'Müller', "O'Brien", 'Okafor', 'Rossi']
const MAJORS = ['Biology', 'Art History', 'Economics', 'Mathematics', 'Nursing', 'Law', 'Music', 'Computer Science']
const AREAS = ['716', '212', '315', '518', '585', '607', '631', '646', '718', '845', '914', '917', '416', '604', '514']

/** A share of the records whose contact differs from that of the same file without changes. */
interface FileShape {
  records: number
  changedShare?: number
  allQuoted?: boolean
}

/**
 * Writes a file of fictional people: 12 columns, CRLF, UTF-8, values with commas and line breaks in quotes, and 1 in 100
 * records that must be rejected. The same shape always gives the same bytes.
 */
export async function writeContactFile(
  path: string,
  { records, changedShare = 0, allQuoted = false }: FileShape,
): Promise<void> {
  const out = createWriteStream(path)
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`
  const cell = allQuoted ? quoted : (value: string) => (/[",\r\n]/.test(value) ? quoted(value) : value)
  const line = (values: readonly string[]) => `${values.map(cell).join(',')}\r\n`
  let text = line(COLUMNS)
  for (let index = 0; index < records; index++) {
    text += line(person(index, changedShare > 0 && index % Math.round(1 / changedShare) === 3))
    if (text.length < 1 << 20) continue
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  out.end(text)
  await once(out, 'finish')
}

function person(index: number, changed: boolean): string[] {
  // A multiplicative hash is random enough for values, and needs no state.
  const random = (salt: number) => mixed(Math.imul(index + 1, 0x9e3779b1) ^ mixed(salt * 0x51ed27)) >>> 0
  const pick = (list: readonly string[], salt: number) => list[random(salt) % list.length] as string
  const first = pick(FIRST, 1)
  const last = pick(LAST, 2)
  const exchange = 200 + (random(3) % 800)
  const mobile = `${pick(AREAS, 4)}-${exchange}-${String(random(5) % 10_000).padStart(4, '0')}`
  const bad = index % 100 === 50
  return [
    `S${String(index).padStart(9, '0')}`,
    bad && index % 200 === 50 ? '' : first,
    last,
    bad && index % 200 === 150 ? `ext ${index % 1000}` : mobile,
    `${first.toLowerCase()}.${index}@example.edu`,
    `adv${random(6) % 200}`,
    random(7) % 50 === 0 ? 'Y' : 'N',
    changed ? 'Undeclared' : pick(MAJORS, 8),
    String(2026 + (random(9) % 5)),
    pick(['North', 'South', 'Downtown'], 10),
    `${1 + (random(11) % 9_999)} Main Street, Apt ${random(12) % 90}, Springfield`,
    random(13) % 20 === 0 ? `Prefers "evenings"\r\nécrit le français` : '',
  ]
}

function mixed(number: number): number {
  let h = number ^ (number >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
