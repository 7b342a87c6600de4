import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testDatabase } from '../../../support/database.ts'
import { play, plot, type Tally } from './play.ts'

/** `PROMISE_PLOTS=10000 npx vitest run test/ingest/choosing/promises/promises.test.ts` plays more of them. */
const PLOTS = Number(process.env.PROMISE_PLOTS ?? 15)
const SEED = Number(process.env.PROMISE_SEED ?? 7001)

const { db } = testDatabase()

test(
  `in ${PLOTS} plots everything that the reply and the pages say of a file comes to pass`,
  async () => {
    console.info(`PROMISE_SEED=${SEED}`)
    const tally: Tally = { kept: 0, excused: 0, kinds: new Map() }
    const property = fc.asyncProperty(plot, (played) => play(db, played, tally))
    await fc.assert(property, { seed: SEED, numRuns: PLOTS, endOnFailure: true })
    console.info(tally)
    expect(tally.kept).toBeGreaterThan(tally.excused)
  },
  60_000 + PLOTS * 5_000,
)
