import { describe, expect, test } from 'vitest'
import { mapColumns } from '../../../ingest/records/column-mapping.ts'
import type { FileCode } from '../../../model/codes.ts'
import { settingsOf } from '../../support/reading.ts'

const major = { name: 'Major', column: 'MAJR', required: false, mergeable: true, visibleToUser: true }
const header = (values: string[], line = 1) => ({ line, values })

describe('finding the mapped columns', () => {
  const found: { title: string; values: string[]; contactId: number }[] = [
    { title: 'in any order', values: ['Mobile', 'Last', 'First', 'ID'], contactId: 3 },
    { title: 'without regard to case', values: ['id', 'FIRST', 'last', 'mobile'], contactId: 0 },
    { title: 'exactly before without regard to case', values: ['id', 'ID', 'First', 'Last', 'Mobile'], contactId: 1 },
    {
      title: 'past blanks, NBSP and byte order marks',
      values: ['\ufeff\u00a0ID ', ' First', 'Last', 'Mobile'],
      contactId: 0,
    },
    {
      title: 'past unmapped and empty duplicates',
      values: ['x', 'x', '', '', '__proto__', 'ID', 'First', 'Last', 'Mobile'],
      contactId: 5,
    },
  ]
  for (const { title, values, contactId } of found)
    test(title, () => {
      const mapping = mapColumns(header(values), settingsOf())
      expect(mapping).toMatchObject({ width: values.length, fields: { contactId }, warnings: [] })
    })
})

describe('aliases', () => {
  const aliases = { mobileNumber: ['CELL_PHONE', 'Handy'], Major: ['PROGRAM'] }
  const settings = { ...settingsOf(), aliases, additionalFields: [{ ...major, required: true }] }

  test('a column is found under its other name, a required additional field too', () => {
    const mapping = mapColumns(header(['ID', 'First', 'Last', 'Cell Phone', 'program']), settings)
    expect(mapping).toMatchObject({ fields: { mobileNumber: 3 }, customFields: [{ column: 4 }], warnings: [] })
  })

  test('its own name comes first', () => {
    const mapping = mapColumns(header(['ID', 'First', 'Last', 'CELL_PHONE', 'MAJR', 'Mobile']), settings)
    expect(mapping.fields.mobileNumber).toBe(5)
  })

  test('of two other names nobody knows which is meant', () => {
    const map = () => mapColumns(header(['ID', 'First', 'Last', 'Handy', 'CELL_PHONE', 'MAJR']), settings)
    expect(map).toThrow(/no column "Mobile", but several that were mapped in its place: "CELL_PHONE", "Handy"/)
  })

  test('a file that lacks a column under all its names is refused by its own name', () => {
    const map = () => mapColumns(header(['ID', 'First', 'Last', 'Parent Mobile', 'MAJR']), settings)
    expect(map).toThrow('The file has no column "Mobile" for Mobile Number. Its columns')
  })
})

const refused: {
  title: string
  values: string[]
  code: FileCode
  says: string[]
  never?: string[]
  required?: boolean
}[] = [
  {
    title: 'an absent column is named beside what there is and the nearest name',
    values: ['ID', 'First', 'Last', 'Mobile_No'],
    code: 'F_COLUMN_MISSING',
    says: ['"Mobile" for Mobile Number (nearest: "Mobile_No")', 'Its columns are: ID, First, Last, Mobile_No.'],
  },
  {
    title: 'every absent column is told at once',
    values: ['ID', 'Given', 'x', 'y'],
    code: 'F_COLUMN_MISSING',
    says: ['First Name', 'Last Name', 'Mobile Number'],
  },
  {
    title: 'only the first twenty columns are listed',
    values: ['ID', ...Array.from({ length: 30 }, (_, i) => `c${i}`)],
    code: 'F_COLUMN_MISSING',
    says: ['c18 and 11 more.'],
  },
  {
    title: 'another delimiter in the header is named',
    values: ['ID\tFirst\tLast\tMobile'],
    code: 'F_COLUMN_MISSING',
    says: [
      'The delimiter is set to comma, but the header has 3 tabs. Change Delimiter to tab in Configure Imports, or export the file with commas.',
      'Its header begins: "ID␉First␉Last␉Mobile".',
    ],
    never: ['nearest'],
  },
  {
    title: 'a delimiter that cannot be set is cured by the export alone',
    values: ['ID;First;Last;Mobile'],
    code: 'F_COLUMN_MISSING',
    says: ['but the header has 3 semicolons. Export the file with commas. '],
    never: ['nearest', 'Change Delimiter'],
  },
  {
    title: 'a title above the header is shown',
    values: ['Report of students', '', ''],
    code: 'F_HEADER_MISSING',
    says: ['Line 1 is not the header: "Report of students,,"'],
  },
  {
    title: 'a file without a header is recognised by its phone number',
    values: ['1001', 'Ann', 'Lee', '716-555-0101', 'x'],
    code: 'F_HEADER_MISSING',
    says: ['1001,Ann,Lee'],
  },
  {
    title: 'what cannot be seen in a name of the file is named',
    values: ['ID', 'First', 'Last', 'Mo\u200bbil'],
    code: 'F_COLUMN_MISSING',
    says: ['(nearest: "Mo\u200bbil" (holds U+200B, a zero-width space))', 'Last, "Mo\u200bbil" (holds U+200B'],
  },
  {
    title: 'a mapped column that stands twice is refused',
    values: ['ID', 'First', 'Last', 'Mobile', 'Mobile'],
    code: 'F_HEADER_DUPLICATE',
    says: ['"Mobile" 2 times (columns 4, 5)'],
  },
  {
    title: 'a mapped column that stands twice in other cases is refused',
    values: ['ID', 'First', 'Last', 'MOBILE', 'mobile'],
    code: 'F_HEADER_DUPLICATE',
    says: ['2 times'],
  },
  {
    title: 'a mapped column is refused that stands twice in other spellings',
    values: ['ID', 'First', 'Last', 'MOBILE', '\u200bmobile'],
    code: 'F_HEADER_DUPLICATE',
    says: ['2 times (columns 4, 5)'],
  },
  {
    title: 'a mapped column is refused that stands twice but for a sign that does not print',
    values: ['ID', 'First', 'Last', 'mobile', 'mo\u00adbile'],
    code: 'F_HEADER_DUPLICATE',
    says: ['2 times (columns 4, 5)'],
  },
  {
    title: 'a required custom field needs its column',
    values: ['ID', 'First', 'Last', 'Mobile'],
    required: true,
    code: 'F_COLUMN_MISSING',
    says: ['"MAJR" for Major'],
  },
]
describe('a header that is refused', () => {
  for (const { title, values, code, says, never = [], required = false } of refused)
    test(title, () => {
      const settings = settingsOf({ additionalFields: required ? [{ ...major, required }] : [] })
      try {
        mapColumns(header(values), settings)
        expect.unreachable('the header was taken')
      } catch (error) {
        expect(error).toMatchObject({ code })
        for (const part of says) expect((error as Error).message).toContain(part)
        for (const part of never) expect((error as Error).message).not.toContain(part)
      }
    })
})

test('absent columns that are not required are remarked upon', () => {
  const settings = settingsOf({
    fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
    optOut: { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
    additionalFields: [major],
  })
  const mapping = mapColumns(header(['ID', 'First', 'Last', 'Mobile']), settings)
  expect(mapping).toMatchObject({ staffId: null, optOut: null, customFields: [{ name: 'Major', column: null }] })
  expect(mapping.warnings.map(({ code }) => code).sort()).toEqual([
    'W_COLUMN_ABSENT',
    'W_COLUMN_ABSENT',
    'W_OPTOUT_COLUMN_ABSENT',
  ])
})

describe('the opt-out column is found under each spelling of its name', () => {
  const spellings = [
    'SMS Opt Out',
    ' sms  opt   OUT ',
    'SMS\u00a0Opt\u00a0Out',
    'SMS\u202fOpt\u3000Out',
    'SMS\nOpt\r\nOut',
    'SMS\tOpt Out',
    'SMS_Opt_Out',
    'sms-opt-out',
    'SMS - Opt _ Out',
    'SMS Opt\u200b Out',
    '\u202aSMS Opt Out\u202c',
    'SMS O\u00adpt Out',
    '\ufeffSMS Opt Out',
    '\uff33\uff2d\uff33 Opt Out',
  ]
  for (const spelling of spellings)
    test(JSON.stringify(spelling), () => {
      const settings = settingsOf({
        optOut: { column: 'SMS Opt Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
      })
      const mapping = mapColumns(header(['ID', 'First', 'Last', 'Mobile', spelling]), settings)
      expect(mapping).toMatchObject({ optOut: 4, warnings: [] })
    })

  test('composed or not', () => {
    const settings = settingsOf({
      optOut: { column: 'D\u00e9sabonn\u00e9', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
    })
    const mapping = mapColumns(header(['ID', 'First', 'Last', 'Mobile', 'De\u0301sabonne\u0301']), settings)
    expect(mapping.optOut).toBe(4)
  })
})
