import { expect, test } from 'vitest'
import { type CheckOptions, type CheckWork, checkFile } from '../../ingest/check-file.ts'
import { teamById } from '../../store/teams.ts'
import { contactsOf, importBytes, insertTeam, openFileOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()
const { db, pool } = database

const settings = settingsOf({
  optOut: { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  additionalFields: [{ name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }],
})

const FILE = [
  'ID,First,Last,Mobile,Out,Major',
  '1,Ann,Lee,716-555-0101,N,Art',
  '2,Bo,Park,716-555-0102,,',
  '3,Cy,Roe,716-555-0103,Y,Law',
  '4,Di,Fox,555,N,Art',
  '5,,Fox,716-555-0105,perhaps,',
  '6,Ed,Orr,716-555-0106,N,Art',
  '6,Ed,Orr,716-555-0106,N,Law',
  '',
].join('\n')

async function check(
  teamId: number,
  file: string,
  { signal = new AbortController().signal, ...work }: Partial<CheckWork> = {},
  options: CheckOptions = {},
) {
  const team = await teamById(db, teamId)
  if (!team) throw new Error('the team is gone')
  return checkFile(pool, openFileOf(file), { team, settings, signal, ...work }, { recordsPerChunk: 3, ...options })
}

test('a check tells what an import would do, and the import then does it', async () => {
  const teamId = await insertTeam(database)
  await importBytes(database, teamId, `${FILE.split('\n').slice(0, 4).join('\n')}\n`.replace('Bo,Park', 'Bob,Park'), {
    settings,
  })
  const before = await contactsOf(database, teamId)
  const checked = await check(teamId, FILE)
  expect(checked).toMatchObject({
    problem: null,
    counts: { records: 7, created: 1, updated: 1, unchanged: 2, rejected: 2, superseded: 1, imported: 4 },
    warnings: { W_DUPLICATE_CONTACT_ID: 1 },
    samples: [{ line: 3, contactId: '2', fields: [{ field: 'First Name', before: 'Bob', after: 'Bo' }] }],
    counted: { records: 7, each: 1 },
    otherOptOutValues: 0,
  })
  expect(checked.errors).toMatchObject([
    { code: 'E_MOBILE_INVALID', field: 'Mobile Number', records: 1, samples: [{ line: 5, contactId: '4' }] },
    { code: 'E_OPTOUT_VALUE', field: 'Opt-out preference', records: 1, samples: [{ line: 6 }] },
    { code: 'E_REQUIRED_BLANK', field: 'First Name', records: 1, samples: [{ line: 6, contactId: '5' }] },
  ])
  expect(checked.columns).toEqual([
    { field: 'Contact ID', column: 'ID', empty: 0, invalid: 0 },
    { field: 'First Name', column: 'First', empty: 1, invalid: 1 },
    { field: 'Last Name', column: 'Last', empty: 0, invalid: 0 },
    { field: 'Mobile Number', column: 'Mobile', empty: 0, invalid: 1 },
    { field: 'Opt-out preference', column: 'Out', empty: 1, invalid: 1 },
    { field: 'Major', column: 'Major', empty: 2, invalid: 0 },
  ])
  expect(checked.optOutValues).toEqual([
    { value: 'N', records: 4, means: 'opted_in' },
    { value: '', records: 1, means: 'empty' },
    { value: 'Y', records: 1, means: 'opted_out' },
    { value: 'perhaps', records: 1, means: 'not_recognised' },
  ])
  expect(await contactsOf(database, teamId)).toEqual(before)
  const { counts, warnings, samples } = await importBytes(database, teamId, FILE, { settings })
  expect({ ...counts, imported: 4 }).toEqual(checked.counts)
  expect(warnings).toEqual(checked.warnings)
  expect(samples).toEqual(checked.samples)
})

test('a check writes nothing, and holds no lock that a STOP would wait for', async () => {
  const teamId = await insertTeam(database)
  await importBytes(database, teamId, FILE, { settings })
  const rows = async () =>
    Promise.all(
      (['contact', 'record_error', 'record_warning', 'batch', 'run'] as const).map((table) =>
        db
          .selectFrom(table)
          .select(({ fn }) => fn.countAll().as('n'))
          .executeTakeFirst(),
      ),
    )
  const before = await rows()
  await check(teamId, FILE.replaceAll('Lee', 'Lea'))
  expect(await rows()).toEqual(before)
})

test('a file that would be rejected as a whole is told as such', async () => {
  const teamId = await insertTeam(database)
  expect(await check(teamId, 'ID,First\n1,Ann\n')).toMatchObject({
    problem: { code: 'F_COLUMN_MISSING' },
    counts: { records: 0 },
  })
})

test('the columns of a file without records are told', async () => {
  const teamId = await insertTeam(database)
  const checked = await check(teamId, 'ID,First,Last,Mobile,Out,Major\n')
  expect(checked).toMatchObject({ problem: null, warnings: { W_NO_RECORDS: 1 }, counted: { records: 0, each: 1 } })
  expect(checked.columns).toHaveLength(6)
})

test('of a file over the limit values are counted in a part of the records, and all else in every record', async () => {
  const teamId = await insertTeam(database)
  const file = FILE.replace('perhaps', 'N')
  const whole = await check(teamId, file)
  const sampled = await check(teamId, file, {}, { countedWholeBytes: Math.ceil(Buffer.byteLength(file) / 3) })
  // The records of the lines 2, 5 and 8.
  expect(sampled.counted).toEqual({ records: 3, each: 3 })
  expect(sampled.optOutValues).toEqual([{ value: 'N', records: 3, means: 'opted_in' }])
  expect(sampled.columns.map(({ field, empty, invalid }) => `${field} ${empty} ${invalid}`)).toEqual([
    'Contact ID 0 0',
    'First Name 0 1',
    'Last Name 0 0',
    'Mobile Number 0 1',
    'Opt-out preference 0 0',
    'Major 0 0',
  ])
  const { columns: _, optOutValues: __, counted: ___, ...rest } = whole
  expect(sampled).toMatchObject(rest)
})

test('a number that the team does not allow to be shared is an invalid value like any other', async () => {
  const teamId = await insertTeam(database)
  const file = 'ID,First,Last,Mobile,Out,Major\n1,Ann,Lee,7165550101,,\n2,Bo,Lee,7165550101,,\n3,Cy,Lee,555,,\n'
  const checked = await check(teamId, file, { settings: { ...settings, sharedMobile: 'reject' } })
  expect(checked.columns[3]).toEqual({ field: 'Mobile Number', column: 'Mobile', empty: 0, invalid: 3 })
})

for (const worthAThread of [0, Number.POSITIVE_INFINITY])
  test(`a check tells its progress, and is cancelled on the way (${worthAThread === 0 ? 'thread' : 'no thread'})`, async () => {
    const teamId = await insertTeam(database)
    const controller = new AbortController()
    const told: number[] = []
    const checked = check(
      teamId,
      FILE,
      {
        signal: controller.signal,
        progress: ({ records }) => {
          told.push(records)
          controller.abort(new Error('closed'))
        },
      },
      { worthAThread },
    )
    await expect(checked).rejects.toThrow('closed')
    expect(told).toEqual([3])
    expect(await check(teamId, FILE)).toMatchObject({ counts: { records: 7 } })
  })
