import { expect, test } from 'vitest'
import { FileProblem, type OpenFile } from '../../files/file-area.ts'
import { importBatch } from '../../ingest/batch.ts'
import type { BatchProgress } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import { inTransaction } from '../../store/postgres/database.ts'
import { teamById } from '../../store/teams.ts'
import { contactsOf, importBytes, insertTeam, openFileOf, parsingBatch, warningsOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()
const settings = settingsOf()

const record = (id: number, first = 'Ann') => `k${id},${first},Lee,716-555-01${String(id % 100).padStart(2, '0')}\n`
const file = (records: string[]) => `ID,First,Last,Mobile\n${records.join('')}`
const records = (count: number) => Array.from({ length: count }, (_, index) => record(index))

test('a file is read in a thread of its own with the same result, and its progress is told', async () => {
  const [threaded, plain] = [await insertTeam(database), await insertTeam(database)]
  const bytes = file([...records(90), record(7, 'Bo'), '1,2\n'])
  const told: BatchProgress[] = []
  const a = await importBytes(database, threaded, bytes, {
    settings,
    options: { worthAThread: 0, recordsPerChunk: 20 },
    progress: (progress) => told.push(progress),
  })
  const b = await importBytes(database, plain, bytes, { settings })
  expect(a.counts).toEqual(b.counts)
  expect(a.counts).toMatchObject({ records: 92, created: 90, rejected: 1, superseded: 1 })
  expect(await contactsOf(database, threaded)).toEqual(await contactsOf(database, plain))
  expect(told.map((progress) => progress.records)).toEqual([20, 40, 60, 80, 92])
  expect(told.at(-1)).toMatchObject({ bytesRead: Buffer.byteLength(bytes), bytes: Buffer.byteLength(bytes) })
})

test('a fault of the file reaches the importer from the thread', async () => {
  const teamId = await insertTeam(database)
  const imported = importBytes(database, teamId, 'ID,First\n1,Ann\n', { settings, options: { worthAThread: 0 } })
  await expect(imported).rejects.toMatchObject({ name: 'BatchProblem', code: 'F_COLUMN_MISSING' })
})

for (const { title, worthAThread } of [
  { title: 'a thread', worthAThread: 0 },
  { title: 'no thread', worthAThread: Number.POSITIVE_INFINITY },
])
  test(`a fault of the disk or the database is met as what it is, with ${title} between`, async () => {
    const teamId = await insertTeam(database)
    const gone = new FileProblem('not-allowed', '/a.csv')
    const unreadable: OpenFile = {
      ...openFileOf(file(records(3))),
      async *read() {
        yield Buffer.from('ID,First,Last,Mobile\n')
        throw gone
      },
    }
    const options = { worthAThread }
    await expect(importBytes(database, teamId, unreadable, { settings, options })).rejects.toBe(gone)
    const away = Object.assign(new Error('the administrator ended the connection'), { code: '57P01' })
    const lost = importBytes(database, teamId, file(records(3)), {
      settings,
      options,
      progress: () => {
        throw away
      },
    })
    await expect(lost).rejects.toBe(away)
  })

for (const worthAThread of [0, Number.POSITIVE_INFINITY])
  test(`an aborted import leaves nothing (${worthAThread === 0 ? 'thread' : 'no thread'})`, async () => {
    const teamId = await insertTeam(database)
    const controller = new AbortController()
    const imported = importBytes(database, teamId, file(records(90)), {
      settings,
      options: { worthAThread, recordsPerChunk: 10 },
      signal: controller.signal,
      progress: () => controller.abort(new Error('stopped')),
    })
    await expect(imported).rejects.toThrow('stopped')
    expect(await contactsOf(database, teamId)).toEqual([])
  })

test('a Contact ID in two chunks ends with its last record, both lines named', async () => {
  const teamId = await insertTeam(database)
  const options = { recordsPerChunk: 2 }
  await importBytes(database, teamId, file([record(1)]), { settings, options })
  // A, then B over a stored B changes nothing in the end; a new one is created once.
  const twice = file([record(1, 'Old'), record(2), record(3), record(4), record(1), record(2, 'New')])
  const { counts, batchId } = await importBytes(database, teamId, twice, { settings, options })
  expect(counts).toMatchObject({ records: 6, created: 3, updated: 0, unchanged: 1, superseded: 2 })
  expect(await warningsOf(database, batchId)).toMatchObject([
    { line: 2, contact_id: 'k1', message: expect.stringContaining('line 6') },
    { line: 3, contact_id: 'k2', message: expect.stringContaining('line 7') },
  ])
})

test('a file that turns out to be Windows-1252 half-way is read again as such', async () => {
  const teamId = await insertTeam(database)
  const bytes = Buffer.from(file([...records(90), 'k99,Jos\xe9,Lee,716-555-0199\n']), 'latin1')
  const { warnings, counts } = await importBytes(database, teamId, openFileOf(bytes, 70 * 1024), {
    settings,
    options: { recordsPerChunk: 20 },
  })
  expect(counts).toMatchObject({ created: 91, rejected: 0 })
  expect(warnings).toEqual({ W_ENCODING_FALLBACK: 1 })
  expect((await contactsOf(database, teamId)).at(-1)).toMatchObject({ first_name: 'José' })
})

test('a late record without the empty trailing value of all others is read as they are', async () => {
  const teamId = await insertTeam(database)
  const long = Array.from({ length: 4_000 }, (_, index) => record(index).replace('\n', ',\n'))
  const { counts } = await importBytes(database, teamId, file([...long, record(4_001)]), {
    settings,
    options: { recordsPerChunk: 100 },
  })
  expect(counts).toMatchObject({ records: 4_001, created: 4_001, rejected: 0 })
})

test('an unchanged file writes nothing to the database; another version of the settings looks anew', async () => {
  const teamId = await insertTeam(database)
  const bytes = file(records(50))
  const rows = () =>
    database.db.selectFrom('contact').selectAll().where('team_id', '=', teamId).orderBy('contact_id').execute()
  await importBytes(database, teamId, bytes, { settings })
  const first = await rows()
  const { counts } = await importBytes(database, teamId, bytes, { settings })
  expect(counts).toMatchObject({ unchanged: 50 })
  expect(await rows()).toEqual(first)
  await importBytes(database, teamId, bytes, { settings: settingsOf({ version: 2 }) })
  const later = await rows()
  expect(later.map(({ record_hash, ...rest }) => rest)).toEqual(first.map(({ record_hash, ...rest }) => rest))
  expect(later[0]?.record_hash).not.toBe(first[0]?.record_hash)
})

test('many records of which each stands twice, far apart, end as one contact each', async () => {
  const teamId = await insertTeam(database)
  const all = Array.from({ length: 60 }, (_, index) => record(index))
  const { counts } = await importBytes(database, teamId, file([...all, ...all]), {
    settings,
    options: { recordsPerChunk: 7 },
  })
  expect(counts).toMatchObject({ records: 120, created: 60, superseded: 60 })
})

const BEAR_ON_ONE_ANOTHER = [
  { title: 'Contact IDs stand in them twice', bytes: file([...records(6), ...records(6).reverse()]), superseded: 6 },
  {
    title: 'new contacts share their numbers',
    bytes: file([...records(6), ...records(6).map((line) => line.replace('k', 'x'))]),
    superseded: 0,
  },
  {
    title: 'contacts that were passed over begin to share their numbers',
    before: file(records(6)),
    bytes: file([...records(6), ...records(6).map((line) => line.replace('k', 'x'))]),
    superseded: 0,
  },
]
for (const { title, before, bytes, superseded } of BEAR_ON_ONE_ANOTHER)
  test(`where too many records need a second look, because ${title}, all are staged, with the same result`, async () => {
    const [given, whole] = [await insertTeam(database), await insertTeam(database)]
    if (before) for (const team of [given, whole]) await importBytes(database, team, before, { settings })
    const told: number[] = []
    const a = await importBytes(database, given, bytes, {
      settings,
      options: { recordsPerChunk: 6, mostSecondLooks: 3 },
      progress: ({ records }) => told.push(records),
    })
    const b = await importBytes(database, whole, bytes, { settings, options: { stageAll: true } })
    // It began anew.
    expect(told.slice(-2)).toEqual([6, 12])
    expect(told.length).toBeGreaterThan(2)
    expect(a.counts).toMatchObject({ records: 12, superseded })
    expect([a.counts, a.warnings]).toEqual([b.counts, b.warnings])
    expect(await contactsOf(database, given)).toEqual(await contactsOf(database, whole))
  })

test('readers of contacts neither wait for an import nor see a part of it', async () => {
  const { db, pool } = database
  const teamId = await insertTeam(database)
  const team = (await teamById(db, teamId)) as Team
  const read = async () => {
    const rows = await db.selectFrom('contact').select('first_name').where('team_id', '=', teamId).execute()
    return `${rows.length} ${[...new Set(rows.map((row) => row.first_name))].join()}`
  }
  await importBytes(database, teamId, file(records(10)), { settings })
  const meanwhile: Promise<string>[] = []
  await inTransaction(pool, async (client, tx) => {
    const renamed = Array.from({ length: 30 }, (_, id) => record(id, 'Bo'))
    const work = {
      ...{ batch: { id: await parsingBatch(db, teamId) }, team, settings, signal: new AbortController().signal },
      progress: () => meanwhile.push(read()),
    }
    const { counts } = await importBatch(client, tx, openFileOf(file(renamed)), work, { recordsPerChunk: 7 })
    expect(counts).toMatchObject({ created: 20, updated: 10 })
    // All is written by now, and nothing is committed.
    meanwhile.push(read())
    for (const seen of await Promise.all(meanwhile)) expect(seen).toBe('10 Ann')
  })
  expect(await read()).toBe('30 Bo')
})

test('a new contact that takes the number of one that is changed otherwise is warned about, and so is that one', async () => {
  for (const stageAll of [false, true]) {
    const teamId = await insertTeam(database)
    await importBytes(database, teamId, file([record(1)]), { settings })
    const next = file([record(1, 'Bo'), record(101)])
    const { warnings } = await importBytes(database, teamId, next, { settings, options: { stageAll } })
    expect(warnings).toEqual({ W_MOBILE_SHARED: 2 })
  }
})

test('a file in which one Contact ID stands too often to keep all of its records in memory is read anew and staged', async () => {
  const told: number[] = []
  const { counts } = await importBytes(
    database,
    await insertTeam(database),
    file(Array.from({ length: 20 }, (_, n) => record(1, `Ann${n}`))),
    {
      settings,
      options: { recordsPerChunk: 6, mostSecondLooks: 3 },
      progress: ({ records }) => told.push(records),
    },
  )
  expect(counts).toMatchObject({ records: 20, created: 1, superseded: 19 })
  // As often as the reading began.
  expect(told.filter((records) => records === 6)).toHaveLength(2)
})
