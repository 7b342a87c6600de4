import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { checkFile } from '../../ingest/check-file.ts'
import type { Team } from '../../model/team.ts'
import { foreseeUndo, undoContacts } from '../../store/contacts/history/undo-contacts.ts'
import { errorGroups, warningExamples } from '../../store/runs/run-errors.ts'
import { teamById } from '../../store/teams.ts'
import { importBytes, insertTeam, openFileOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'
import { RowsTouched } from '../support/rows-touched.ts'

const database = testDatabase()
const { db, pool } = database
const touched = new RowsTouched(pool)

const FEW = 500
/** For twice as many records PostgreSQL may take another plan, in which a few nodes more touch each of them. */
const PER_RECORD = 5

interface Shape {
  id?: (n: number) => string
  last?: (n: number) => string
  mobile?: (n: number) => string
  staff?: (n: number) => string
  out?: (n: number) => string
  /** Imported with a warning, whatever the test is about. */
  warn?: true
}

const own = (n: number) => `716-${200 + Math.floor(n / 100)}-01${`${n % 100}`.padStart(2, '0')}`

function fileOf(records: number, shape: Shape): string {
  const { id = String, last = () => 'Lee', mobile = own, staff = () => '', out = () => '' } = shape
  const lines = Array.from({ length: records }, (_, n) =>
    [id(n), 'Ann', last(n), mobile(n), staff(n), out(n)].join(','),
  )
  return ['ID,First,Last,Mobile,Advisor,Out', ...lines, ''].join('\n')
}

const school = () => '716-555-0100'
const other = () => '716-555-0101'
const late = (n: number) => String(n + 100_000)

/** Files that a team imports one after the other, each with what it repeats. */
const CASES: Record<string, Shape[]> = {
  'one number': [{ mobile: school }, { mobile: school, last: () => 'Kim' }, { mobile: other }],
  'one number, and others join': [{ mobile: school }, { mobile: school, id: late }],
  'numbers that become one, and part again': [{}, { mobile: school }, {}],
  'some come to the number of many': [
    { mobile: school },
    { mobile: (n) => (n % 2 ? school() : other()), last: (n) => (n % 2 ? 'Kim' : 'Lee') },
  ],
  'one comes again and again for the number that many keep': [
    { mobile: school, warn: true },
    { mobile: school, id: (n) => (n % 2 ? 'z' : String(n)) },
  ],
  'many part from the number that one comes for again and again': [
    { mobile: school, warn: true },
    { mobile: (n) => (n % 2 ? school() : own(n)), id: (n) => (n % 2 ? 'z' : String(n)) },
  ],
  'one Contact ID': [{ id: () => '1' }, { id: () => '1', last: String }],
  'one Contact ID in many forms': [{ id: (n) => `0${n}` }, { id: (n) => `${n}` }],
  'two Contact IDs with one number': [{ id: (n) => String(n % 2), mobile: school }],
  'each Contact ID twice, with one number': [
    { id: (n) => String(n >> 1), mobile: school },
    { id: (n) => String(n >> 1), mobile: other },
  ],
  'one error': [{}, { mobile: () => '12' }],
  'one error for one Contact ID, which opts out': [{ id: () => '1', mobile: () => '12', out: () => 'Y' }],
  'one error for all, who opt out': [{ mobile: school }, { mobile: () => '12', out: () => 'Y' }],
  'one warning': [{ staff: () => 'nobody' }, { staff: () => 'nobody', last: () => 'Kim' }],
  'all alike': [
    { id: () => '1', mobile: school },
    { id: () => '1', mobile: school, last: () => 'Kim' },
  ],
}

async function rowsOf(records: number, shapes: readonly Shape[], sharedMobile: 'warn' | 'reject') {
  const given = settingsOf({
    sharedMobile,
    fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
    optOut: { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  })
  // Contacts of another team must not be among the rows.
  await sql`truncate contact cascade`.execute(db)
  await sql`analyze contact`.execute(db)
  const teamId = await insertTeam(database)
  const team = (await teamById(db, teamId)) as Team
  const rows: Record<string, Map<string, number>> = {}
  const { signal } = new AbortController()
  const batches: string[] = []
  for (const [at, shape] of shapes.entries()) {
    const file = fileOf(records, shape)
    const settings = shape.warn ? { ...given, sharedMobile: 'warn' as const } : given
    touched.take()
    await checkFile(pool, openFileOf(file), { team, settings, signal })
    rows[`check ${at}`] = touched.take()
    const { batchId } = await importBytes(database, teamId, file, { settings })
    batches.push(batchId)
    rows[`import ${at}`] = touched.take()
    await errorGroups(db, [batchId])
    await warningExamples(db, [batchId])
    rows[`view ${at}`] = touched.take()
  }
  for (const [at, batchId] of batches.entries()) {
    await foreseeUndo(db, teamId, batchId)
    if (at < batches.length - 1) continue
    touched.take()
    await db.transaction().execute((tx) => undoContacts(tx, teamId, batchId))
    rows.undo = touched.take()
  }
  return rows
}

/** What touches more than twice as many rows where there are twice as many records. */
async function growth(records: number, shapes: readonly Shape[], sharedMobile: 'warn' | 'reject') {
  const few = await rowsOf(records, shapes, sharedMobile)
  const twice = await rowsOf(2 * records, shapes, sharedMobile)
  const tooMany: string[] = []
  for (const [step, statements] of Object.entries(twice)) {
    expect(statements.size, step).toBeGreaterThan(0)
    for (const [statement, rows] of statements) {
      const before = few[step]?.get(statement) ?? 0
      if (rows > 2 * before + PER_RECORD * 2 * records) tooMany.push(`${step}: ${before} became ${rows}: ${statement}`)
    }
  }
  return tooMany
}

for (const sharedMobile of ['warn', 'reject'] as const)
  for (const [title, shapes] of Object.entries(CASES))
    test(`twice as many records touch twice as many rows: ${title} (${sharedMobile} shared numbers)`, async () => {
      expect(await growth(FEW, shapes, sharedMobile)).toEqual([])
    }, 120_000)

test('twice as many rounds of rejection touch twice as many rows', async () => {
  // Each record gets the number of the contact before: the first is rejected, and each rejection leads to the next.
  expect(await growth(250, [{}, { id: (n) => String(n + 1) }], 'reject')).toEqual([])
}, 120_000)
