import { describe, expect, test } from 'vitest'
import { contactIdValue } from '../../../ingest/records/contact-id.ts'
import { optOutReader } from '../../../ingest/records/opt-out.ts'
import { spreadsheetDamage } from '../../../ingest/records/spreadsheet-damage.ts'
import { testDatabase } from '../../support/database.ts'
import { ANN, STORED_ANN, showRule, text } from '../../support/rules.ts'

/** Each is left out wherever it stands. */
const UNSEEN = [
  '200b',
  '200c',
  '200d',
  '200e',
  '200f',
  '202a',
  '202c',
  '202d',
  '202e',
  '2060',
  '2066',
  '2069',
  '00ad',
  '061c',
]
  .concat(['feff', '180e', '034f', 'fe0f', '3164', 'fff9', 'e0020'])
  .map((code) => String.fromCodePoint(Number.parseInt(code, 16)))

describe('a Contact ID', () => {
  for (const sign of UNSEEN)
    test(`is the same with U+${sign.codePointAt(0)?.toString(16)} in front, inside and behind`, () => {
      for (const id of [`${sign}1001`, `10${sign}01`, `1001${sign}`, ` ${sign} 1001 ${sign}`, `${sign}="1001"`])
        expect(contactIdValue(id)).toBe('1001')
    })
  const cases: [title: string, cell: string, id: string][] = [
    ['keeps leading zeros and case', ' 00Ab ', '00Ab'],
    ['is composed', 'Jose\u0301', 'Jos\u00e9'],
    ['keeps a blank within', '10 01', '10 01'],
    ['keeps a line break within', '10\n01', '10\n01'],
    ['keeps emoji', '\u{1f600}1', '\u{1f600}1'],
    ['of invisible signs alone is blank', '\u200b\u00ad', ''],
    ['without the Braille pattern of no dots', '10\u28001', '101'],
    ['NULL is blank', 'NULL', ''],
    ['null is blank', ' null\u200b', ''],
    ['\\N is blank', '\\N', ''],
    ['that begins as NULL is none', 'NULL1', 'NULL1'],
  ]
  for (const [title, cell, id] of cases) test(title, () => expect(contactIdValue(cell)).toBe(id))
})

describe('what a spreadsheet destroyed', () => {
  const destroyed = [
    '9.01235E+11',
    '9,01235E+11',
    '9E+11',
    '1.2e-05',
    '901.235E+9',
    '9.01235E11',
    '9.01235e5',
    '#n/a',
    '#¿NOMBRE?',
    '#N/A',
    '#REF!',
    '#VALUE!',
    '#NAME?',
    '#DIV/0!',
    '#NUM!',
  ]
  for (const value of [...destroyed, '#BEZUG!', '#NV', '##', '########', 'Err:502'])
    test(`${value} is told`, () => expect(spreadsheetDamage('Contact ID', value)).toContain(value))
  for (const value of [
    '',
    '1E5',
    '12E+11',
    'A#N/A',
    '#12345',
    '#A',
    '#',
    'N',
    'E-100',
    '1.5',
    'Eric',
    'e+11',
    '#1 Ann',
  ])
    test(`"${value}" is a value of its own`, () => expect(spreadsheetDamage('Contact ID', value)).toBeNull())
})

test('an opt-out value is compared without what does not print', () => {
  const read = optOutReader({ optInValue: 'N', optOutValue: 'Y\u200b' })
  for (const value of ['Y', 'y\u200b', '\u202aY\u202c', 'Y\x1a', '\ufeffY', 'Y \x1a'])
    expect(read(value)).toEqual({ ok: true, state: 'opted_out' })
  for (const value of ['\u200b', '\x1a']) expect(read(value)).toEqual({ ok: true, state: null })
  expect(read('Y\0')).toEqual({ ok: false })
})

const database = testDatabase()
const rejected = (line: number, ...codes: ('E_SPREADSHEET' | 'E_REQUIRED_BLANK')[]) => ({ line, codes })

test('an ID with signs that do not print is that of the known contact, whose STOP stands', () =>
  showRule(database, {
    rule: '',
    before: text(ANN),
    stop: true,
    file: text(ANN.replace('1,', '1\u200b,'), ANN.replace('1,', '\u202a1\u202c,')),
    contacts: [{ ...STORED_ANN, opted_out: true, opt_out_source: 'contact' }],
    counts: { created: 0, superseded: 1, unchanged: 1 },
    warnings: { W_OPTIN_BLOCKED: 1, W_DUPLICATE_CONTACT_ID: 1 },
  }))

test('a Contact ID, name or number that a spreadsheet destroyed rejects its record, and what is no ID is none', () =>
  showRule(database, {
    rule: '',
    file: text(
      '9.01235E+11,Ann,Lee,716-555-0102,,Y,,',
      '9.01235E+11,Bo,Lee,716-555-0103,,N,,',
      '#REF!,#NAME?,########,#N/A,,N,,',
      'NULL,Ann,Lee,NULL,,N,,',
      '\\N,\\N,Lee,\\N,,N,,',
      ANN.replace('Art', '\\N').replace('s1', '\\N'),
    ),
    contacts: [{ ...STORED_ANN, staff_id: null, custom_fields: {} }],
    warnings: {},
    errors: [
      rejected(2, 'E_SPREADSHEET'),
      rejected(3, 'E_SPREADSHEET'),
      rejected(4, 'E_SPREADSHEET', 'E_SPREADSHEET', 'E_SPREADSHEET', 'E_SPREADSHEET'),
      rejected(5, 'E_REQUIRED_BLANK', 'E_REQUIRED_BLANK'),
      rejected(6, 'E_REQUIRED_BLANK', 'E_REQUIRED_BLANK', 'E_REQUIRED_BLANK'),
    ],
  }))
