import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { openDatabase } from '../../../store/postgres/database.ts'
import { testDatabase } from '../../support/database.ts'
import { playSchedule, schedule } from './schedule.ts'

/** `RESTORE_SCHEDULES=500 npx vitest run test/ingest/restore/schedules.test.ts` plays more of them. */
const SCHEDULES = Number(process.env.RESTORE_SCHEDULES ?? 15)
const SEED = Number(process.env.RESTORE_SEED ?? Date.now() % 2 ** 31)

const first = testDatabase()
const second = openDatabase(first.address, createLog('silent'))
const base = await mkdtemp(join(tmpdir(), 'rosterport-schedules-'))
afterAll(() => second.close())
afterAll(() => rm(base, { recursive: true, force: true }))

test(
  `in ${SCHEDULES} schedules with restores no file is entered anew, none is imported twice and the newest stays the newest`,
  async () => {
    console.info(`RESTORE_SEED=${SEED}`)
    const property = fc.asyncProperty(schedule, (steps) => playSchedule(base, [first, second], steps))
    await fc.assert(property, { seed: SEED, numRuns: SCHEDULES, endOnFailure: true })
  },
  60_000 + SCHEDULES * 5_000,
)
