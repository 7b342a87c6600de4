import { describe, expect, test } from 'vitest'
import { recap } from '../../../ingest/telling/recap.ts'
import type { RecapFacts } from '../../../ingest/telling/recap-facts.ts'
import type { FileCode } from '../../../model/codes.ts'
import { type Batch, NO_COUNTS } from '../../../model/run.ts'
import { WARNING_TITLES } from '../../../model/wording/code-titles.ts'

const counts = { ...NO_COUNTS, imported: 0 }
const batch: Batch = {
  id: '5f0c9a3e-0000-4000-8000-000000000001',
  state: 'imported_with_errors',
  path: '/cadence/imports/StudentData_2018_09_30.csv',
  fileName: 'StudentData_2018_09_30.csv',
  bytes: 1_234_567,
  sha256: 'ab'.repeat(32),
  receivedAt: '2026-11-22T07:00:00Z',
  startedAt: '2026-11-22T08:00:00Z',
  finishedAt: '2026-11-22T08:00:04Z',
  settingsVersion: 3,
  counts: {
    ...counts,
    records: 12_430,
    created: 18,
    updated: 400,
    unchanged: 12_000,
    imported: 12_418,
    rejected: 12,
    optedOut: 5,
    optedIn: 1,
  },
  errorsKept: 12,
  warnings: { W_EXTENSION_IGNORED: 1_002 },
  problem: null,
  held: null,
  afterImport: { action: 'move', path: '/cadence/archive/StudentData_2018_09_30_2026-11-22.csv' },
  recap: null,
  undoableUntil: null,
  undo: null,
  undone: null,
}
const facts: RecapFacts = {
  team: { name: 'Admissions', timeZone: 'America/New_York' },
  run: {
    id: '5f0c9a3e-0000-4000-8000-000000000002',
    number: 1482,
    trigger: 'on_demand',
    requestedBy: 'admin@example.edu',
  },
  batch,
  errors: [{ code: 'E_MOBILE_INVALID', field: 'Mobile Number', records: 12 }],
  errorCodes: { E_MOBILE_INVALID: 12 },
  passedOver: [],
  supersededFiles: ['/cadence/imports/StudentData_2018_09_29.csv'],
  identicalTo: null,
  fileIsAt: '/cadence/archive/StudentData_2018_09_30_2026-11-22.csv',
  nextWindow: 'Mon Nov 23, 3-5 AM',
  link: 'https://rosterport.example.edu/runs/1?a=1&b=2',
  errorsAttached: 12,
}
const withBatch = (changes: Partial<Batch>): RecapFacts => ({ ...facts, batch: { ...batch, ...changes } })
const rejected = (code: FileCode | null): Partial<Batch> => ({
  state: 'rejected',
  problem: { code, message: 'No column "Mobile".' },
})

describe('the subject', () => {
  const name = '[Admissions] StudentData_2018_09_30.csv:'
  const cases: { title: string; changes: Partial<Batch>; subject: string }[] = [
    { title: 'counts with thousands separated', changes: {}, subject: `${name} 12,418 of 12,430 imported, 12 errors` },
    {
      title: 'says one error in the singular',
      changes: { counts: { ...counts, records: 1, rejected: 1 } },
      subject: `${name} 0 of 1 imported, 1 error`,
    },
    { title: 'says 0 errors', changes: { state: 'imported', counts }, subject: `${name} 0 of 0 imported, 0 errors` },
    {
      title: 'says why a file was not imported',
      changes: rejected('F_COLUMN_MISSING'),
      subject: `${name} not imported, a required column is missing`,
    },
    {
      title: 'says that a batch is held',
      changes: { state: 'held' },
      subject: `${name} not imported, held for approval`,
    },
    {
      title: 'says that a run was stopped',
      changes: { state: 'aborted' },
      subject: `${name} not imported, the run was stopped`,
    },
    {
      title: 'says that an import failed',
      changes: { state: 'failed', problem: { code: null, message: 'x' } },
      subject: `${name} not imported, the import failed`,
    },
    {
      title: 'never holds a line break',
      changes: { fileName: 'a\r\nBcc: x@example.edu' },
      subject: '[Admissions] a Bcc: x@example.edu: 12,418 of 12,430 imported, 12 errors',
    },
  ]
  for (const { title, changes, subject } of cases)
    test(title, () => expect(recap(withBatch(changes)).subject).toBe(subject))
})

test('the text tells every fact', () => {
  const { text } = recap({ ...facts, batch: { ...batch, errorsKept: 2_442 }, identicalTo: 'batch-1' })
  for (const part of [
    'Admissions',
    '1482',
    batch.id,
    'Run Import by admin@example.edu',
    batch.path,
    '1,234,567 bytes',
    'ab'.repeat(32),
    'identical to batch batch-1',
    '2:00:00 AM EST',
    '3:00:00 AM EST',
    '3:00:04 AM EST',
    'Created:   18\n',
    'Updated:   400\n',
    'Unchanged: 12,000\n',
    'Rejected:  12\n',
    'Opted out: 5\n',
    'Opted in:  1\n',
    '12 records: The mobile number is not valid\n',
    `1,002: ${WARNING_TITLES.W_EXTENSION_IGNORED}\n`,
    'E_MOBILE_INVALID 12, W_EXTENSION_IGNORED 1,002\n',
    '12,430\n',
    'File is now',
    'archive/StudentData_2018_09_30_2026-11-22.csv',
    'StudentData_2018_09_29.csv',
    'Mon Nov 23, 3-5 AM',
    'leaves out 2,430 records',
    facts.link,
  ])
    expect(text).toContain(part)
})

test('rejected records that are counted and not kept are told with the true count', () => {
  const many = { counts: { ...batch.counts, rejected: 250_000 }, errorsKept: 100_000 }
  expect(recap(withBatch(many)).text).toContain(
    '100,000 of the 250,000 rejected records are kept; all of them are counted.',
  )
  const { text, html } = recap({ ...withBatch({ ...many, errorsKept: 0 }), errorsAttached: 0 })
  for (const told of [text, html]) expect(told).toContain('None of the 250,000 rejected records are kept')
  expect(text).not.toContain('attached')
})

test('a rejected file is told with its code and message, and without an attachment', () => {
  const { text } = recap(withBatch({ ...rejected('F_COLUMN_MISSING'), counts }))
  expect(text).toContain('The file: No column "Mobile".')
  expect(text).toContain('F_COLUMN_MISSING')
  expect(text).not.toContain('attached')
})

test('in HTML nothing from outside is markup', () => {
  const name = `<img src=x onerror="a('b')">&`
  const { html } = recap({
    ...withBatch({ fileName: name, path: `/${name}` }),
    team: { name, timeZone: 'UTC' },
    nextWindow: null,
  })
  expect(html).not.toContain('<img')
  expect(html).toContain('&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;')
  expect(html).toContain('href="https://rosterport.example.edu/runs/1?a=1&amp;b=2"')
  expect(html).toContain(batch.id)
})

const undos = [
  {
    restored: 40,
    removed: 7_203,
    left: 3,
    words: '40 contacts restored, 7,203 removed, 3 left as they are because they were changed since',
  },
  {
    restored: 1,
    removed: 0,
    left: 1,
    words: '1 contact restored, 0 removed, 1 left as it is because it was changed since',
  },
  { restored: 0, removed: 2, left: 0, words: '0 contacts restored, 2 removed' },
]
for (const { words, ...figures } of undos)
  test(`the recap of a batch that was undone says: ${words}`, () => {
    const undone = { by: 'dana@example.edu', at: '2026-11-23T15:00:00Z', ...figures, leftContacts: [] }
    const { subject, text } = recap(withBatch({ state: 'undone', undone }))
    expect(subject).toBe('[Admissions] StudentData_2018_09_30.csv: import undone')
    expect(text).toContain(`Contacts: ${words}\n`)
    expect(text).toContain('dana@example.edu')
  })

describe('the first line', () => {
  const stopped = 'The run was stopped. Nothing was imported from StudentData.csv; the next run imports it.'
  const cases: { line: string; changes: Partial<Batch> }[] = [
    { line: '12,418 of 12,430 records imported; 12 had errors.', changes: {} },
    {
      line: '0 of 1 record imported; 1 had an error.',
      changes: { counts: { ...counts, records: 1, rejected: 1 } },
    },
    {
      line: '3 of 3 records imported.',
      changes: { state: 'imported', counts: { ...counts, records: 3, imported: 3 } },
    },
    { line: 'The file has no records. Nothing was changed.', changes: { state: 'imported', counts } },
    { line: 'The file was not imported: a required column is missing.', changes: rejected('F_COLUMN_MISSING') },
    {
      line: 'The file is held: nothing of it has been imported yet. Approve or discard it.',
      changes: { state: 'held' },
    },
    { line: stopped, changes: { state: 'aborted', problem: { code: null, message: stopped } } },
    { line: 'The import failed. Nothing was imported.', changes: { state: 'failed' } },
    { line: 'This import was undone.', changes: { state: 'undone' } },
  ]
  for (const { line, changes } of cases)
    test(`is a sentence: ${line}`, () => {
      const { text, html } = recap(withBatch(changes))
      expect(text.split('\n')[0]).toBe(line)
      expect(html).toContain(`<strong>${line}</strong>`)
    })
})

test('nothing is told that is none: no zeros, no empty parts, and no fault where a person has stopped the run', () => {
  const { text } = recap({
    ...withBatch({ state: 'aborted', counts, warnings: {}, sha256: null, errorsKept: 0 }),
    errors: [],
    errorCodes: {},
    supersededFiles: [],
  })
  expect(text).not.toMatch(/: +(0|-)$/m)
  for (const part of ['What', 'Codes', 'SHA-256', 'Fault', 'warnings', 'superseded']) expect(text).not.toContain(part)
})

test('the link comes before everything that only an engineer reads', () => {
  const { text, html } = recap(facts)
  for (const told of [text, html]) {
    expect(told.indexOf('rosterport.example.edu')).toBeLessThan(told.indexOf('What to correct'))
    expect(told.indexOf('What has changed')).toBeLessThan(told.indexOf('Details'))
    expect(told.indexOf('Details')).toBeLessThan(told.indexOf(batch.id))
  }
})

test('where the mail server takes no error file, the recap says where it is', () => {
  const { text } = recap({ ...facts, errorsAttached: 0 })
  expect(text).toContain('The error file is on the page of the run, as your mail server does not take it.')
  expect(text).not.toContain('attached')
})
