import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERROR_CODES, FILE_CODES, WARNING_CODES } from '../model/codes.ts'
import { fileOf, readFile, settingsOf } from './support/reading.ts'

/** docs/file-format.md says what the program does. */
const text = readFileSync(new URL('../docs/file-format.md', import.meta.url), 'utf8')

test('every code has its meaning and its cure', () => {
  const told = [...text.matchAll(/^\| `([FEW]_[A-Z_]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, code]) => code)
  expect(told.toSorted()).toEqual([...FILE_CODES, ...ERROR_CODES, ...WARNING_CODES].toSorted())
})

const samples = [...text.matchAll(/```csv\n(.*?)```/gs)].map(([, sample]) => sample as string)
const settings = settingsOf({
  fields: { contactId: 'Student ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: 'Advisor' },
  optOut: { column: 'SMS Opt Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  additionalFields: [{ name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }],
})

test('the sample imports without an error or a warning', async () => {
  const { mapping, validated } = await readFile(fileOf(samples[0] ?? ''), settings)
  expect(mapping.warnings).toEqual([])
  expect(validated).toMatchObject([
    { ok: true, contact: { contactId: '001234', optOut: 'opted_in' }, warnings: [] },
    { ok: true, contact: { firstName: 'José', lastName: 'García, Jr.', mobileNumber: '+17165550102' }, warnings: [] },
    { ok: true, contact: { mobileNumber: '+442079460958', optOut: 'opted_out' }, warnings: [] },
  ])
})

test('the sample of an error file is read with the message that it tells', async () => {
  const { records, validated } = await readFile(fileOf(samples[1] ?? ''), settings)
  const [told, record] = [records[0], validated[0]]
  if (!told || 'damage' in told || !record || record.ok) throw new Error('the record is none that is refused')
  expect(told.values.slice(1, 3)).toEqual([record.error.errors[0]?.code, record.error.errors[0]?.message])
})
