import fc from 'fast-check'
import { expect, test } from 'vitest'
import { setOptOut } from '../../store/contact-list.ts'
import { contactsOf, errorsOf, importBytes, insertTeam, warningsOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()

const HEADER = 'ID,First,Last,Mobile,Advisor,Out,Major,Year\r\n'

const settingsWith = (emptyMeans: 'keep' | 'opt_in' | 'opt_out', version: number) =>
  settingsOf({
    version,
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

test('records that are looked up first end as they do when all are staged: contacts, counts, warnings, errors, changes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 2, maxLength: 6 }),
      fc.constantFrom('keep' as const, 'opt_in' as const, 'opt_out' as const),
      fc.constantFrom(1, 3, 20_000),
      async (steps, emptyMeans, recordsPerChunk) => {
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
          const settings = settingsWith(emptyMeans, version)
          const file = HEADER + records.join('')
          const options = { recordsPerChunk }
          const a = await importBytes(database, fast, file, { settings, options })
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
    { numRuns: 15 },
  )
}, 300_000)
