import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { guardrailFindings } from '../../ingest/guardrails.ts'
import { BatchProblem } from '../../ingest/records/batch-problem.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { setOptOut } from '../../store/contacts/contact-list.ts'
import { contactsOf, errorsOf, importBytes, insertTeam } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'
import { major, optOut } from '../support/rules.ts'
import { Root } from './restore/root.ts'

const database = testDatabase()

const MAPPED: Partial<ImportSettings> = {
  fields: { contactId: 'Student ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
  optOut: { ...optOut, column: 'SMS Opt Out' },
  additionalFields: [major],
}

/** A file as an export, a spreadsheet or a sender made it: a kind of damage that sites have met. */
interface FieldFile {
  file: string
  /** Imported before. */
  before?: string
  /** Says STOP between the two files. */
  stop?: string
  settings?: Partial<ImportSettings>
  /** The code of a file that is refused, and nothing stored. */
  refused?: string
  held?: string[]
  /** Every contact afterwards: ID, number, and `out` where it is opted out. */
  contacts?: string[]
  /** Every error: line and codes. */
  errors?: string[]
  warnings?: string[]
  majors?: string[]
}

const files: FieldFile[] = [
  {
    file: 'zero-width-space-behind-id.csv',
    before: 'three-people.csv',
    stop: '2102',
    contacts: ['2101 +15855550101', '2102 +15855550102 out', '2103 +15855550103 out'],
  },
  {
    file: 'zero-width-space-behind-id.csv',
    before: 'three-people.csv',
    stop: '2101',
    contacts: ['2101 +15855550101 out', '2102 +15855550102', '2103 +15855550103 out'],
    warnings: ['W_OPTIN_BLOCKED'],
  },
  { file: 'ids-without-zeros.csv', before: 'ids-with-zeros.csv', held: ['known_numbers'] },
  { file: 'no-break-spaces-in-header.csv', contacts: ['2101 +15855550101 out'], warnings: [] },
  {
    file: 'opt-out-column-renamed.csv',
    settings: { optOut: { ...optOut, column: 'SMS Opt Out', emptyMeans: 'opt_out' } },
    contacts: ['2101 +15855550101 out'],
    warnings: ['W_OPTOUT_COLUMN_ABSENT'],
  },
  { file: 'opt-out-column-renamed.csv', held: ['opt_out_column_absent'] },
  {
    file: 'ids-in-scientific-notation.csv',
    contacts: [],
    errors: ['2 E_SPREADSHEET', '3 E_SPREADSHEET', '4 E_SPREADSHEET'],
  },
  {
    file: 'ids-that-are-lookup-errors.csv',
    contacts: [],
    errors: ['2 E_SPREADSHEET', '3 E_SPREADSHEET', '4 E_SPREADSHEET', '5 E_SPREADSHEET'],
  },
  {
    file: 'numbers-as-decimal-fractions.csv',
    contacts: [],
    errors: ['2 E_MOBILE_INVALID', '3 E_MOBILE_INVALID', '4 E_MOBILE_INVALID'],
  },
  { file: 'zero-of-italian-numbers.csv', contacts: ['1 +390321654321', '2 +390321654321'] },
  {
    file: 'plus-before-ten-digits.csv',
    contacts: ['1 +6625550103', '2 +6785550104'],
    warnings: ['W_MOBILE_COUNTRY_DOUBTFUL'],
  },
  { file: 'row-names.csv', settings: { optOut: null, additionalFields: [] }, refused: 'F_COLUMN_SHIFT' },
  { file: 'row-names-and-trailer.csv', settings: { optOut: null, additionalFields: [] }, refused: 'F_COLUMN_SHIFT' },
  {
    file: 'lone-quotes-between-tabs.txt',
    contacts: ['1 +15855550101', '2 +15855550102', '3 +15855550103 out', '4 +15855550104'],
    warnings: [],
  },
  {
    file: 'inch-mark.csv',
    contacts: ['2 +15855550102', '3 +15855550103', '5 +15855550105'],
    errors: ['2 E_QUOTE', '5 E_QUOTE'],
  },
  {
    file: 'comma-behind-each-record-and-trailer.csv',
    contacts: ['1 +15855550101', '2 +15855550102', '3 +15855550103 out'],
    errors: ['6 E_COLUMN_COUNT'],
  },
  { file: 'padded-behind-quotes.csv', contacts: ['1 +15855550101', '2 +15855550102 out'] },
  { file: 'ctrl-z-behind-value.csv', contacts: ['1 +15855550101'], majors: ['Biology'] },
  { file: 'mysql-nulls.txt', contacts: ['1 +15855550101'], errors: ['3 E_REQUIRED_BLANK'], majors: [''] },
  { file: 'surrogates-in-utf-8.csv', contacts: ['2 +15855550102'], errors: ['2 E_ENCODING'], warnings: [] },
  { file: 'mac-roman.csv', refused: 'F_ENCODING' },
  { file: 'direction-marks-round-number.csv', contacts: ['1 +15855550101'] },
  { file: 'ghost-records-in-quotes.csv', contacts: ['1 +15855550101'] },
  {
    file: 'nulls-as-unclosed-quotes.csv',
    contacts: ['4 +15855550104 out', '6 +15855550106'],
    errors: ['2 E_QUOTE', '3 E_QUOTE', '4 E_QUOTE', '6 E_QUOTE'],
  },
  {
    file: 'footers.csv',
    contacts: ['1 +15855550101', '2 +15855550102 out'],
    errors: [
      '3 E_COLUMN_COUNT',
      '5 E_COLUMN_COUNT',
      '6 E_REQUIRED_BLANK,E_REQUIRED_BLANK,E_REQUIRED_BLANK',
      '7 E_COLUMN_COUNT',
    ],
  },
]

const bytesOf = (name: string) => readFile(new URL(`../fixtures/field/${name}`, import.meta.url))

const outcomeOf = ({ held, refused }: FieldFile) =>
  held ? `is held for ${held.join()}` : refused ? `is refused: ${refused}` : 'says what is stored'

for (const one of files)
  for (const stageAll of [false, true])
    test(`${one.file} ${outcomeOf(one)}${one.stop ? `, ${one.stop} having said STOP` : ''}${stageAll ? ', all staged' : ''}`, async () => {
      const { file, before, stop } = one
      const settings = settingsOf({
        ...MAPPED,
        ...one.settings,
        file: { delimiter: file.endsWith('.txt') ? 'tab' : 'comma' },
      })
      const options = { stageAll }
      const teamId = await insertTeam(database)
      if (before) await importBytes(database, teamId, await bytesOf(before), { settings })
      if (stop) await setOptOut(database.db, teamId, stop, 'opted_out', 'contact')
      const importing = importBytes(database, teamId, await bytesOf(file), { settings, options })
      if (one.refused) {
        const problem = await importing.then(() => null).catch((error: unknown) => error)
        expect(problem).toBeInstanceOf(BatchProblem)
        expect(problem).toMatchObject({ code: one.refused })
        expect(await contactsOf(database, teamId)).toEqual([])
        return
      }
      const result = await importing
      const findings = guardrailFindings({ ...result, earlierRecords: [] })
      if (one.held) {
        expect(findings.map(({ rule }) => rule)).toEqual(one.held)
        return
      }
      expect(findings.filter(({ rule }) => rule !== 'errors')).toEqual([])
      const stored = await contactsOf(database, teamId)
      if (one.contacts)
        expect(
          stored.map((found) => `${found.contact_id} ${found.mobile_number}${found.opted_out ? ' out' : ''}`),
        ).toEqual(one.contacts)
      if (one.majors) expect(stored.map((found) => found.custom_fields.Major ?? '')).toEqual(one.majors)
      if (one.warnings) expect(Object.keys(result.warnings)).toEqual(one.warnings)
      const errors = await errorsOf(database, result.batchId)
      expect(errors.map(({ line, errors }) => `${line} ${errors.map(({ code }) => code)}`)).toEqual(one.errors ?? [])
    })

test('an empty marker behind the file neither takes its place nor supersedes it', async () => {
  const base = await mkdtemp(join(tmpdir(), 'rosterport-field-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const root = await Root.make(base, [database], { select: 'most_recent' })
  onTestFinished(() => root.remove())
  await root.upload('Students.csv', 'ID,First,Last,Mobile\n2101,Mia,Cole,585-555-0101\n')
  await root.upload('Students.csv.done', '')
  await root.run()
  expect((await contactsOf(database, root.team.id)).map(({ contact_id }) => contact_id)).toEqual(['2101'])
  expect((await root.batches()).map(({ state }) => state)).toEqual(['imported'])
})
