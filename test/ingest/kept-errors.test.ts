import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { checkFile } from '../../ingest/check-file.ts'
import type { KEPT_ERRORS } from '../../model/rejected-records.ts'
import { keepNewestErrors } from '../../store/runs/kept-errors.ts'
import { errorGroups } from '../../store/runs/run-errors.ts'
import { allRecordErrors, countErrors, findBatch } from '../../store/runs/run-history.ts'
import { teamById } from '../../store/teams.ts'
import { importBytes, insertTeam, openFileOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { collected, settingsOf } from '../support/reading.ts'

const database = testDatabase()
const { db, pool } = database
const settings = settingsOf()

/** Nine records: on each third line a good one, then one without a name, then one without a name and with a bad number. */
const FILE = [
  'ID,First,Last,Mobile',
  ...[1, 2, 3].flatMap((n) => [`a${n},Ann,Lee,716-555-0101`, `b${n},,Lee,716-555-0102`, `c${n},,Lee,7`]),
  '',
].join('\n')
const COUNTS = { E_REQUIRED_BLANK: 6, E_MOBILE_INVALID: 3 }

const stored = async (batchId: string) => (await collected(allRecordErrors(db, batchId))).map(({ line }) => line)
const batchOf = async (batchId: string) => {
  const found = await findBatch(db, batchId)
  if (!found) throw new Error('the batch is gone')
  return found.batch
}

const limits: { title: string; keptErrors: typeof KEPT_ERRORS; lines: number[] }[] = [
  { title: 'below both limits', keptErrors: { records: 6, bytes: 10_000 }, lines: [3, 4, 6, 7, 9, 10] },
  { title: 'at a number of records', keptErrors: { records: 4, bytes: 10_000 }, lines: [3, 4, 6, 7] },
  // Line 9 is short enough to fit, but behind line 7, which is not, it would make a gap.
  { title: 'at a size', keptErrors: { records: 100, bytes: 900 }, lines: [3, 4, 6] },
  { title: 'at none', keptErrors: { records: 100, bytes: 1 }, lines: [] },
]
for (const { title, keptErrors, lines } of limits)
  for (const recordsPerChunk of [2, 5_000])
    test(`${title} the first rejected records are kept and all are counted, ${recordsPerChunk} a chunk`, async () => {
      const teamId = await insertTeam(database)
      const options = { keptErrors, recordsPerChunk }
      const { batchId, errors } = await importBytes(database, teamId, FILE, { settings, options })
      expect(await stored(batchId)).toEqual(lines)
      expect(errors.kept).toBe(lines.length)
      expect(errors.keptBytes).toBeLessThanOrEqual(keptErrors.bytes)
      const { counts, errorsKept } = await batchOf(batchId)
      expect({ rejected: counts.rejected, errorsKept }).toEqual({ rejected: 6, errorsKept: lines.length })
      expect(await countErrors(db, batchId)).toEqual(COUNTS)
      expect((await errorGroups(db, [batchId])).map(({ code, field, records }) => [code, field, records])).toEqual([
        ['E_REQUIRED_BLANK', 'First Name', 6],
        ['E_MOBILE_INVALID', 'Mobile Number', 3],
      ])
    })

test('records that are rejected only once all are known keep within the limit, too', async () => {
  const teamId = await insertTeam(database)
  const file = `ID,First,Last,Mobile\n${[1, 2, 3, 4, 5].map((n) => `${n},Ann,Lee,716-555-0101\n`).join('')}`
  const { batchId } = await importBytes(database, teamId, file, {
    settings: { ...settings, sharedMobile: 'reject' },
    options: { keptErrors: { records: 2, bytes: 10_000 } },
  })
  expect(await stored(batchId)).toHaveLength(2)
  expect(await countErrors(db, batchId)).toEqual({ E_MOBILE_SHARED: 5 })
})

test('a check keeps as few, and counts all', async () => {
  const team = await teamById(db, await insertTeam(database))
  if (!team) throw new Error('the team is gone')
  const work = { team, settings, signal: new AbortController().signal }
  const { errors } = await checkFile(pool, openFileOf(FILE), work, { keptErrors: { records: 1, bytes: 10_000 } })
  expect(errors).toMatchObject([
    { code: 'E_REQUIRED_BLANK', records: 6, samples: [{ line: 3 }] },
    { code: 'E_MOBILE_INVALID', records: 3, samples: [] },
  ])
})

test('of a team the newest batches keep theirs, an earlier version counted among them, other teams all', async () => {
  const [teamId, other] = [await insertTeam(database), await insertTeam(database)]
  const imported = async (team: number) => (await importBytes(database, team, FILE, { settings })).batchId
  const [first, second, third, ofOther] = [
    await imported(teamId),
    await imported(teamId),
    await imported(teamId),
    await imported(other),
  ]
  const size = (await importBytes(database, other, FILE, { settings })).errors.keptBytes
  await sql`update batch set errors_kept = null, errors_bytes = null, error_counts = null, bytes = ${size}
    where id = ${first}`.execute(db)
  await keepNewestErrors(db, teamId, 3 * size)
  expect(await stored(first)).toHaveLength(6)
  expect((await batchOf(first)).errorsKept).toBe(6)

  await keepNewestErrors(db, teamId, 2 * size)
  expect(await stored(first)).toEqual([])
  expect((await batchOf(first)).errorsKept).toBe(0)
  for (const batchId of [second, third, ofOther]) {
    expect(await stored(batchId)).toHaveLength(6)
    expect((await batchOf(batchId)).errorsKept).toBe(6)
  }
  expect(await countErrors(db, second)).toEqual(COUNTS)
})
