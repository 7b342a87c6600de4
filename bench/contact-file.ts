import { open } from 'node:fs/promises'

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

/** How the records of the file are mapped. */
export const CONTACT_FILE_MAPPING = {
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: 'Advisor' },
  optOut: { column: 'Opt Out', optInValue: 'N', optOutValue: 'Y' },
  additionalFields: ['Email', 'Major', 'Year', 'Campus', 'Address', 'Note'].map((column) => ({
    name: column,
    column,
    required: false,
    mergeable: true,
    visibleToUser: true,
  })),
}

interface FileShape {
  /** The file ends with so many records, or past so many bytes. */
  records?: number
  bytes?: number
  /** A share of the records whose contact differs from that of the same file without changes. */
  changedShare?: number
  allQuoted?: boolean
}

/** After so many records all values come again but Contact IDs and mobile numbers. */
const BLOCK = 20_000

/**
 * Writes a file of fictional people: 12 columns, CRLF, UTF-8, values with commas and line breaks in quotes, 1 in 100
 * records that must be rejected, 2 in 1,000 that share a mobile number. The same shape always gives the same bytes. Answers
 * how many records it holds.
 */
export async function writeContactFile(
  path: string,
  {
    records = Number.MAX_SAFE_INTEGER,
    bytes = Number.MAX_SAFE_INTEGER,
    changedShare = 0,
    allQuoted = false,
  }: FileShape,
): Promise<number> {
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`
  const cell = allQuoted ? quoted : (value: string) => (/[",\r\n]/.test(value) ? quoted(value) : value)
  const line = (values: readonly string[]) => `${values.map(cell).join(',')}\r\n`
  // Where in the block each record ends, and where its digits are.
  const ends: number[] = []
  const ids: number[] = []
  const mobiles: (number | null)[] = []
  const texts: string[] = []
  let length = 0
  const quote = allQuoted ? 1 : 0
  for (let index = 0; index < Math.min(BLOCK, records); index++) {
    const values = person(index, changedShare > 0 && index % Math.round(1 / changedShare) === 3)
    ids.push(length + quote + 1)
    const inFront = Buffer.byteLength(values.slice(0, 3).map(cell).join(','))
    mobiles.push((values[3] as string).startsWith('ext') ? null : length + inFront + 1 + quote)
    texts.push(line(values))
    length += Buffer.byteLength(texts.at(-1) as string)
    ends.push(length)
  }
  const block = Buffer.from(texts.join(''))
  const file = await open(path, 'w')
  try {
    let written = (await file.write(line(COLUMNS))).bytesWritten
    let first = 0
    while (first < records && written < bytes) {
      const count = Math.min(ends.length, records - first)
      for (let at = 0; at < count; at++) {
        writeDigits(block, ids[at] as number, 9, first + at)
        const mobile = mobiles[at]
        if (typeof mobile === 'number') writeMobile(block, mobile, first + at)
      }
      written += (await file.write(block, 0, ends[count - 1])).bytesWritten
      first += count
    }
    return first
  } finally {
    await file.close()
  }
}

const EXCHANGES = 800
const LINES = 10_000
const NUMBERS = AREAS.length * EXCHANGES * LINES
/** Has no divisor with the count of numbers, and about the golden share of them: the numbers go to and fro and never repeat. */
const STEP = 74_164_081

/** `AAA-EEE-NNNN`, unique, but 1 person in 1,000 has that of another. */
function writeMobile(block: Buffer, at: number, index: number): void {
  const owner = index % 1_000 === 7 ? index - 4 : index
  const number = (owner * STEP) % NUMBERS
  writeDigits(block, at, 3, Number(AREAS[number % AREAS.length]))
  const rest = Math.floor(number / AREAS.length)
  writeDigits(block, at + 4, 3, 200 + (rest % EXCHANGES))
  writeDigits(block, at + 8, 4, Math.floor(rest / EXCHANGES))
}

function writeDigits(block: Buffer, at: number, width: number, number: number): void {
  for (let place = at + width - 1, rest = number; place >= at; place--) {
    block[place] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

function person(index: number, changed: boolean): string[] {
  // A multiplicative hash is random enough for values, and needs no state.
  const random = (salt: number) => mixed(Math.imul(index + 1, 0x9e3779b1) ^ mixed(salt * 0x51ed27)) >>> 0
  const pick = (list: readonly string[], salt: number) => list[random(salt) % list.length] as string
  const first = pick(FIRST, 1)
  const last = pick(LAST, 2)
  const bad = index % 100 === 50
  return [
    'S000000000',
    bad && index % 200 === 50 ? '' : first,
    last,
    bad && index % 200 === 150 ? `ext ${index % 1000}` : '000-000-0000',
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
