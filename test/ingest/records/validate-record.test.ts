import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../model/codes.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import { fileOf, readFile, settingsOf } from '../../support/reading.ts'

const optOut = { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' as const }
const changes = {
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
  optOut,
  additionalFields: [{ name: 'Major', column: 'MAJR', required: true, mergeable: true, visibleToUser: true }],
}
const header = 'ID,First,Last,Mobile,Advisor,Out,MAJR,Other'
const ann = {
  ID: '1001',
  First: 'Ann',
  Last: 'Lee',
  Mobile: '716-555-0101',
  Advisor: 's7',
  Out: 'N',
  MAJR: 'Biology',
  Other: '',
}

async function validated(cells: Partial<typeof ann>, settings: Partial<Omit<ImportSettings, 'file'>> = {}) {
  const values = Object.values({ ...ann, ...cells }).map((value) => `"${value.replaceAll('"', '""')}"`)
  const { validated } = await readFile(
    fileOf(`${header}\n${values.join(',')}\n`),
    settingsOf({ ...changes, ...settings }),
  )
  return validated[0]
}

const contact = {
  contactId: '1001',
  firstName: 'Ann',
  lastName: 'Lee',
  mobileNumber: '+17165550101',
  staffId: 's7',
  optOut: 'opted_in',
  customFields: { Major: 'Biology' },
}

describe('a record that is a contact', () => {
  const cases: {
    title: string
    cells: Partial<typeof ann>
    settings?: Partial<Omit<ImportSettings, 'file'>>
    contact: object
  }[] = [
    { title: 'holds every mapped value', cells: {}, contact: {} },
    {
      title: 'is trimmed, NBSP too, and keeps leading zeros',
      cells: { ID: ' 0042\u00a0', First: '\tAnn ' },
      contact: { contactId: '0042' },
    },
    {
      title: 'is stored as written otherwise',
      cells: { Last: "O'Neil'; drop table--<b>" },
      contact: { lastName: "O'Neil'; drop table--<b>" },
    },
    {
      title: 'loses the guard of a spreadsheet',
      cells: { First: "'=Ann", Last: "'+Lee", MAJR: "'quoted'" },
      contact: { firstName: '=Ann', lastName: '+Lee', customFields: { Major: "'quoted'" } },
    },
    {
      title: 'is unwrapped where a whole cell is a formula of text',
      cells: { ID: '="00123"', MAJR: '="a"&"b"' },
      contact: { contactId: '00123', customFields: { Major: '="a"&"b"' } },
    },
    {
      title: 'clears what is blank',
      cells: { Advisor: ' ', MAJR: '' },
      contact: { staffId: null, customFields: { Major: '' } },
    },
    { title: 'compares the opt-out value without case', cells: { Out: ' y ' }, contact: { optOut: 'opted_out' } },
    {
      title: 'says nothing of the preference where its value is empty, whatever the settings make of that',
      cells: { Out: '' },
      settings: { optOut: { ...optOut, emptyMeans: 'opt_out' } },
      contact: { optOut: null },
    },
    {
      title: 'may hold control characters where nothing is mapped',
      cells: { Other: 'a\0b\x07\x1a\u0081' },
      contact: {},
    },
    {
      title: 'may hold tabs and line breaks',
      cells: { MAJR: 'a\tb\nc\rd\r\ne' },
      contact: { customFields: { Major: 'a\tb\nc\rd\r\ne' } },
    },
    {
      title: 'may hold 4,000 characters in a custom field',
      cells: { MAJR: '😀'.repeat(4000) },
      contact: { customFields: { Major: '😀'.repeat(4000) } },
    },
  ]
  for (const { title, cells, settings, contact: changed } of cases)
    test(title, async () => {
      expect(await validated(cells, settings)).toEqual({
        ok: true,
        line: 2,
        contact: { ...contact, ...changed },
        warnings: [],
      })
    })

  test('warns of an extension that is dropped', async () => {
    expect(await validated({ Mobile: '716-555-0101 x9' })).toMatchObject({
      ok: true,
      warnings: [{ line: 2, contactId: '1001', code: 'W_EXTENSION_IGNORED', message: expect.stringContaining('x9') }],
    })
  })
})

describe('a record that is refused', () => {
  const cases: {
    title: string
    cells: Partial<typeof ann>
    faults: [ErrorCode, string, string][]
    optOut?: boolean
  }[] = [
    {
      title: 'a blank Contact ID',
      cells: { ID: ' ', Out: 'Y' },
      faults: [['E_REQUIRED_BLANK', 'Contact ID', 'Contact ID is blank.']],
    },
    {
      title: 'a blank Mobile Number',
      cells: { Mobile: '' },
      faults: [['E_REQUIRED_BLANK', 'Mobile Number', 'Mobile Number is blank.']],
    },
    {
      title: 'a number of nobody',
      cells: { Mobile: 'none', Out: 'Y' },
      faults: [['E_MOBILE_INVALID', 'Mobile Number', '"none"']],
      optOut: true,
    },
    {
      title: 'a number a spreadsheet damaged',
      cells: { Mobile: '7.16E+09' },
      faults: [['E_MOBILE_SCIENTIFIC', 'Mobile Number', '"7.16E+09"']],
    },
    {
      title: 'an unknown opt-out value',
      cells: { Out: 'maybe' },
      faults: [['E_OPTOUT_VALUE', 'Opt-out preference', '"maybe"']],
    },
    {
      title: 'a name of 256 characters',
      cells: { Last: 'x'.repeat(256) },
      faults: [['E_TOO_LONG', 'Last Name', 'has 256 characters; the limit is 255']],
    },
    {
      title: 'a custom value of 4,001 characters',
      cells: { MAJR: 'x'.repeat(4001) },
      faults: [['E_TOO_LONG', 'Major', 'limit is 4,000']],
    },
    {
      title: 'a name of signs that do not print',
      cells: { First: '\u200b \u2060' },
      faults: [['E_REQUIRED_BLANK', 'First Name', 'holds U+200B, a zero-width space; U+2060, a word joiner']],
    },
    {
      title: 'a bell in a name',
      cells: { Last: 'L\x07ee' },
      faults: [['E_CONTROL_CHARACTER', 'Last Name', 'the control character U+0007: "L␇ee"']],
    },
    {
      title: 'an escape in a custom field',
      cells: { MAJR: 'Art\x1b' },
      faults: [['E_CONTROL_CHARACTER', 'Major', 'U+001B']],
    },
    {
      title: 'a control character beyond ASCII',
      cells: { MAJR: 'A\u0092rt' },
      faults: [['E_CONTROL_CHARACTER', 'Major', 'U+0092']],
    },
    {
      title: 'a NUL in a mapped value',
      cells: { First: 'A\0n' },
      faults: [['E_CONTROL_CHARACTER', 'First Name', '"A␀n"']],
    },
    {
      title: 'a replacement character in a mapped value, whatever else is wrong',
      cells: { First: 'A\ufffdn', Last: '' },
      faults: [['E_ENCODING', 'First Name', 'A\ufffdn']],
    },
    {
      title: 'several faults are all told',
      cells: { First: '', Last: ' ', Mobile: '12', Out: 'x' },
      faults: [
        ['E_REQUIRED_BLANK', 'First Name', ''],
        ['E_REQUIRED_BLANK', 'Last Name', ''],
        ['E_MOBILE_INVALID', 'Mobile Number', '"12"'],
        ['E_OPTOUT_VALUE', 'Opt-out preference', '"x"'],
      ],
    },
  ]
  for (const { title, cells, faults, optOut = false } of cases)
    test(title, async () => {
      const record = await validated(cells)
      if (!record || record.ok) throw new Error('the record was taken')
      expect(record.error.errors).toEqual(
        faults.map(([code, field, says]) => ({ code, field, message: expect.stringContaining(says) })),
      )
      expect(record.error.values).toEqual(Object.values({ ...ann, ...cells }))
      if (cells.Out === 'Y') expect(record.optOut).toEqual(optOut ? { contactId: '1001', state: 'opted_out' } : null)
    })

  test('a wrong number of values stands alone, and its opt-out is not trusted', async () => {
    const file = fileOf(`${header}\n1001,Ann,,bad,s7,Y,Biology\n`)
    const { validated } = await readFile(file, settingsOf(changes))
    expect(validated).toEqual([
      {
        ok: false,
        error: {
          line: 2,
          contactId: null,
          errors: [{ code: 'E_COLUMN_COUNT', field: null, message: 'Expected 8 columns, found 7.' }],
          values: ['1001', 'Ann', '', 'bad', 's7', 'Y', 'Biology'],
        },
        optOut: null,
      },
    ])
  })
})

test('absent columns keep or clear what is stored, as set; the preference is always kept', async () => {
  const additionalFields = [
    { name: '__proto__', column: 'MAJR', required: false, mergeable: true, visibleToUser: true },
  ]
  const file = fileOf('ID,First,Last,Mobile\n1001,Ann,Lee,7165550101\n')
  const read = async (absentColumn: 'keep' | 'clear') => {
    const { validated } = await readFile(file, settingsOf({ ...changes, additionalFields, absentColumn }))
    const record = validated[0]
    return record?.ok
      ? [record.contact.staffId, record.contact.optOut, Object.entries(record.contact.customFields)]
      : null
  }
  expect(await read('keep')).toEqual([undefined, undefined, []])
  expect(await read('clear')).toEqual([null, undefined, [['__proto__', '']]])
})
