import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainValue } from '../../../ingest/records/cell.ts'
import { errorFile } from '../../../ingest/telling/error-file.ts'
import type { Delimiter } from '../../../model/delimiters.ts'
import type { RecordError } from '../../../model/record.ts'
import { errorFileName } from '../../../model/result-names.ts'
import { collected, fileOf, readFile, recordsOf, settingsOf } from '../../support/reading.ts'

async function* each<T>(items: readonly T[]) {
  yield* items
}

/** Without the byte order mark that every error file begins with. */
async function written(header: string[], delimiter: Delimiter, errors: RecordError[], notKept = 0): Promise<string> {
  const parts = errorFile(header, settingsOf({ file: { delimiter } }), each(errors), notKept)
  const text = Buffer.concat(await collected(parts)).toString()
  expect(text[0]).toBe('\ufeff')
  return text.slice(1)
}

const error = (values: string[], line = 2): RecordError => ({
  line,
  contactId: null,
  errors: [{ code: 'E_MOBILE_INVALID', field: 'Mobile Number', message: '"x" is not a phone number.' }],
  values,
})

test('its name begins with that of the file, so that the prefix finds it when it is sent again', () => {
  const named = (fileName: string, delimiter: Delimiter) => errorFileName(fileName, settingsOf({ file: { delimiter } }))
  expect(named('StudentData.csv', 'comma')).toBe('StudentData_errors.csv')
  expect(named('StudentData.2026.txt', 'tab')).toBe('StudentData.2026_errors.txt')
  expect([named('StudentData', 'comma'), named('StudentData', 'tab')]).toEqual([
    'StudentData_errors.csv',
    'StudentData_errors.tsv',
  ])
})

test('one line holds every fault of a record and its original values', async () => {
  const two = error(['1', 'Ann', 'Lee', 'x'], 8)
  two.errors.push({ code: 'E_OPTOUT_VALUE', field: null, message: 'Neither.' })
  expect(await written(['ID', 'First', 'Last', 'Mobile'], 'comma', [two])).toBe(
    'line,code,message,ID,First,Last,Mobile\r\n8,"E_MOBILE_INVALID; E_OPTOUT_VALUE","""x"" is not a phone number.; Neither.",1,Ann,Lee,x\r\n',
  )
})

test('the last record says how many more were rejected than are kept', async () => {
  const text = await written(['ID'], 'comma', [error(['1'], 2), error(['2'], 3)], 23_456)
  expect(text.split('\r\n').slice(1)).toEqual([
    '2,E_MOBILE_INVALID,"""x"" is not a phone number.",1',
    '3,E_MOBILE_INVALID,"""x"" is not a phone number.; Another 23,456 records were rejected and are not kept.",2',
    '',
  ])
  expect(await written(['ID', 'First'], 'comma', [], 1)).toBe(
    'line,code,message,ID,First\r\n,,Another 1 record was rejected and is not kept.,,\r\n',
  )
})

test('cells that a spreadsheet would run are neutralised', async () => {
  const cells = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', '\nx', '\0x', '＝1', '＋1', '－1', '＠x', 'a=1']
  const text = await written([], 'comma', [error(cells)])
  for (const cell of cells.slice(0, -1)) expect(text).toContain(`,"'${cell}"`)
  expect(text).toContain(',a=1\r\n')
})

/** The cells of a spreadsheet that divides at `;`: to it a quote within a cell is a character, and a line break ends the record. */
function cellsOfSemicolons(text: string): string[] {
  return text.split(/[;\t\r\n]/).map((cell) => cell.replace(/^(?:"")+/, ''))
}

const hidden = ['x;=cmd|x', 'x;;=1', 'x;"=1', "x;'=1", 'x\n=1', 'x\r\n"@A1', 'x;\t+1', 'x;\0-1', 'x;＝1']
for (const value of hidden)
  test(`${JSON.stringify(value)} holds no formula where a spreadsheet divides at semicolons, and reads back`, async () => {
    const text = await written(['a', 'b'], 'comma', [error([value, '1'])])
    expect(cellsOfSemicolons(text).filter((cell) => /^[=+\-@\0＝＋－＠]/.test(cell))).toEqual([])
    const [back] = await recordsOf(fileOf(text))
    expect(back && 'values' in back && back.values.slice(3).map(plainValue)).toEqual([plainValue(value), '1'])
  })

test('a column that is called like one of ours does not stand there twice', async () => {
  expect(await written(['ID', 'Line', 'code'], 'tab', [])).toBe('error line\terror code\tmessage\tID\tLine\tcode\r\n')
})

test('a mapped column that the file does not have is not what one of ours is called', async () => {
  const settings = settingsOf({
    additionalFields: [{ name: 'Course', column: 'Code', required: false, mergeable: false, visibleToUser: false }],
  })
  const [header] = await collected(errorFile(['ID', 'Error code'], settings, each([]), 0))
  expect(String(header)).toBe('\ufeffline,error error code,message,ID,Error code\r\n')
})

for (const delimiter of ['comma', 'tab'] as const)
  test(`whatever the values are, the error file of a ${delimiter} file reads back as they were meant`, async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'é', '"', ',', ';', '\t', '\n', '\r', "'", '=', '+', '-', '@', ' ', '＝', '\0'),
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }), async (records) => {
        const text = await written(
          ['a', 'b', 'c'],
          delimiter,
          records.map((values) => error(values)),
        )
        expect(cellsOfSemicolons(text).filter((cell) => /^[=+\-@\0＝＋－＠]/.test(cell))).toEqual([])
        const back = await recordsOf(fileOf(text), { delimiter })
        const meant = back.map((record) => ('values' in record ? record.values.slice(3).map(plainValue) : record))
        expect(meant).toEqual(records.map((values) => values.map(plainValue)))
      }),
      { numRuns: 300 },
    )
  })

test('a corrected error file imports, its own columns ignored', async () => {
  const file = 'ID,First,Last,Mobile\n="007",-Ann,"Lee, ""B""",12\n2,"x\n'
  const first = await readFile(fileOf(file))
  const errors = first.validated.flatMap((record) => (record.ok ? [] : [record.error]))
  expect(errors.map(({ line }) => line)).toEqual([2, 3])
  const text = await written(first.survey.header.values, 'comma', errors)
  const again = await readFile(fileOf(text.replace(',12\r\n', ',716-555-0101\r\n')), settingsOf())
  expect(again.validated).toMatchObject([
    { ok: true, contact: { contactId: '007', firstName: '-Ann', lastName: 'Lee, "B"', mobileNumber: '+17165550101' } },
    { ok: false, error: { errors: [{ code: 'E_COLUMN_COUNT' }] } },
  ])
})
