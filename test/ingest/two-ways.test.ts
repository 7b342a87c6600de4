import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkFile } from '../../ingest/check-file.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { setOptOut } from '../../store/contacts/contact-list.ts'
import { teamById } from '../../store/teams.ts'
import {
  contactsOf,
  errorsOf,
  type ImportedFile,
  importBytes,
  insertTeam,
  openFileOf,
  warningsOf,
} from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { fileOf, readFile, settingsOf } from '../support/reading.ts'

const database = testDatabase()

const HEADER = 'ID,First,Last,Mobile,Advisor,Out,Major,Year\r\n'

const settingsWith = (version: number, emptyMeans: 'keep' | 'opt_in' | 'opt_out', sharedMobile: 'warn' | 'reject') =>
  settingsOf({
    version,
    sharedMobile,
    fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
    optOut: { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans },
    additionalFields: [
      { name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true },
      { name: 'Year', column: 'Year', required: false, mergeable: true, visibleToUser: true },
    ],
  })

// Few different values, so that records repeat and bear on one another.
const record = fc
  .record({
    id: fc.constantFrom(...Array.from({ length: 14 }, (_, i) => `k${i}`)),
    first: fc.constantFrom('Ann', 'Bo', '"Ann, B"', 'José'),
    mobile: fc.constantFrom(
      ...Array.from({ length: 12 }, (_, i) => `716-555-01${10 + i}`),
      '716-555-0190 x12',
      '12',
      '+44 20 7946 0958',
    ),
    staff: fc.constantFrom('', 's1', 'S1', 's2', 'ß9'),
    out: fc.constantFrom('', '', 'N', 'Y', 'maybe'),
    major: fc.constantFrom('', 'Art', '"Law"', ' '),
    year: fc.constantFrom('', '2027'),
    damage: fc.constantFrom('', '', '', '', '', ',extra', '"'),
  })
  .map(
    ({ id, first, mobile, staff, out, major, year, damage }) =>
      `${id},${first},Lee,${mobile},${staff},${out},${major},${year}${damage}\r\n`,
  )

const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(record, { minLength: 1, maxLength: 14 }).map((records) => ({ records })) },
  { weight: 4, arbitrary: fc.constant('again' as const) },
  { weight: 2, arbitrary: record.map((changed) => ({ changed })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(13), fc.constantFrom('opted_in' as const, 'opted_out' as const))
      .map(([id, state]) => ({ id: `k${id}`, state })),
  },
  { weight: 1, arbitrary: fc.constantFrom('settings' as const, 'user' as const) },
)

/** Which of several others a shared number is said to be of is not promised. */
async function remarksOf(batchId: string) {
  const warnings = await warningsOf(database, batchId)
  return warnings.map(({ message, code, ...rest }) => ({
    ...rest,
    code,
    message: code === 'W_MOBILE_SHARED' ? '' : message,
  }))
}

/** What a check of the file tells, as far as an import tells it too. */
async function checkOf(teamId: number, file: string, settings: ImportSettings, recordsPerChunk: number) {
  const team = (await teamById(database.db, teamId)) as Team
  const { signal } = new AbortController()
  const check = await checkFile(database.pool, openFileOf(file), { team, settings, signal }, { recordsPerChunk })
  const { problem, sha256, counts, warnings, changes, samples, errors, columns, optOutValues, counted } = check
  const values = Object.fromEntries((optOutValues ?? []).map(({ value, records }) => [value, records]))
  const kinds = errors.map(({ code, field, records }) => `${records} ${code} ${field}`).sort()
  return { problem, sha256, counts, warnings, changes, samples, kinds, columns, values, records: counted.records }
}

/** The same, from what the import left and from the file itself. */
async function toldBy(
  { batchId, facts, counts, warnings, changes, samples }: ImportedFile,
  file: string,
  settings: ImportSettings,
) {
  const faults = (await errorsOf(database, batchId)).flatMap(({ errors }) => errors)
  const kinds = new Map<string, number>()
  for (const { code, field } of faults) kinds.set(`${code} ${field}`, (kinds.get(`${code} ${field}`) ?? 0) + 1)
  const { records } = await readFile(fileOf(file), settings)
  const whole = records.flatMap((record) => ('values' in record && record.values.length === 8 ? [record.values] : []))
  const values: Record<string, number> = {}
  for (const record of whole) values[record[5] as string] = (values[record[5] as string] ?? 0) + 1
  const titles = [
    'Contact ID',
    'First Name',
    'Last Name',
    'Mobile Number',
    'Staff ID',
    'Opt-out preference',
    'Major',
    'Year',
  ]
  return {
    problem: null,
    sha256: facts.sha256,
    counts: { ...counts, imported: counts.created + counts.updated + counts.unchanged },
    warnings,
    changes,
    samples,
    kinds: [...kinds].map(([kind, times]) => `${times} ${kind}`).sort(),
    columns: HEADER.trim()
      .split(',')
      .map((column, index) => ({
        field: titles[index],
        column,
        empty: whole.filter((record) => record[index]?.trim() === '').length,
        invalid: faults.filter(({ field }) => field === titles[index]).length,
      })),
    values,
    records: whole.length,
  }
}

test('records that are looked up first end as when all are staged, and a check foresees it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 2, maxLength: 6 }),
      fc.constantFrom('keep' as const, 'opt_in' as const, 'opt_out' as const),
      fc.constantFrom('warn' as const, 'warn' as const, 'reject' as const),
      fc.constantFrom(1, 3, 20_000),
      fc.constantFrom(1, 100_000, 100_000),
      async (steps, emptyMeans, sharedMobile, recordsPerChunk, mostSecondLooks) => {
        const [fast, whole] = [await insertTeam(database), await insertTeam(database)]
        const teams = [fast, whole]
        const addUser = async (staff_id: string) => {
          for (const team_id of teams)
            await database.db
              .insertInto('team_user')
              .values({ team_id, staff_id, name: 'Sam', email: 'sam@example.edu' })
              .execute()
        }
        await addUser('S1')
        let version = 1
        let records: string[] = []
        for (const [index, step] of steps.entries()) {
          if (step === 'settings') version++
          else if (step === 'user') await addUser(`s2${'x'.repeat(index)}`)
          else if (step === 'again') {
            // The same file once more.
          } else if ('records' in step) records = step.records
          else if ('changed' in step) records = [...records.slice(1), step.changed]
          else {
            for (const team of teams) await setOptOut(database.db, team, step.id, step.state, 'contact')
            continue
          }
          const settings = settingsWith(version, emptyMeans, sharedMobile)
          const file = HEADER + records.join('')
          const options = { recordsPerChunk, mostSecondLooks }
          const foreseen = await checkOf(fast, file, settings, recordsPerChunk)
          const a = await importBytes(database, fast, file, { settings, options })
          expect(foreseen).toEqual(await toldBy(a, file, settings))
          const b = await importBytes(database, whole, file, { settings, options: { stageAll: true } })
          expect(a.counts).toEqual(b.counts)
          expect(a.warnings).toEqual(b.warnings)
          expect(a.changes).toEqual(b.changes)
          expect(a.samples).toEqual(b.samples)
          expect(await remarksOf(a.batchId)).toEqual(await remarksOf(b.batchId))
          expect(await errorsOf(database, a.batchId)).toEqual(await errorsOf(database, b.batchId))
          expect(await contactsOf(database, fast)).toEqual(await contactsOf(database, whole))
          const { records: all, created, updated, unchanged, rejected, superseded } = a.counts
          expect(created + updated + unchanged + rejected + superseded).toBe(all)
        }
      },
    ),
    { numRuns: 8 },
  )
}, 300_000)
