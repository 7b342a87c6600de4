import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forEachWindow } from '../../../../model/daily-windows.ts'
import { testDatabase } from '../../../support/database.ts'
import { type Plot, play, plot, type Tally } from './play.ts'

/** `PROMISE_PLOTS=10000 npx vitest run test/ingest/choosing/promises/promises.test.ts` plays more of them. */
const PLOTS = Number(process.env.PROMISE_PLOTS ?? 15)
const SEED = Number(process.env.PROMISE_SEED ?? 7001)

/** A run holds the file that it reads, and the older one beside it is superseded. */
const NEWER_CLAIMED: Plot = {
  ...{ zone: 'Asia/Kolkata', all: false, alone: true, begins: 2 },
  schedule: forEachWindow(true),
  pauses: [],
  steps: [
    [{ do: 'upload', path: '/imports/Student_bb.csv', ending: 'failed', seconds: 6, cut: false }, false],
    [{ do: 'to window', minutes: 17 }, true],
    [{ do: 'upload', path: '/imports/Student_c.csv', ending: 'held', seconds: 5, cut: false }, false],
    [{ do: 'wait', minutes: 0.5 }, true],
    [{ do: 'upload', path: '/imports/Student_c.csv', ending: 'rejected', seconds: 5, cut: false }, true],
    [{ do: 'remove', path: '/imports/Student_c.csv' }, true],
  ],
}
/** Outside the windows a run cannot read its file and takes the next one, which arrives meanwhile. */
const TAKEN_BY_RUN: Plot = {
  ...{ zone: 'America/New_York', all: false, alone: true, begins: 0 },
  schedule: forEachWindow(true),
  pauses: [],
  steps: [
    [{ do: 'to window', minutes: 119 }, false],
    [{ do: 'slow', minutes: 7 }, false],
    [{ do: 'upload', path: '/imports/Student_a.csv', ending: 'rejected', seconds: 5, cut: false }, false],
    [{ do: 'wait', minutes: 3 }, false],
    [{ do: 'upload', path: '/imports/Student_bb.csv', ending: 'imported', seconds: 5, cut: false }, true],
  ],
}

const { db } = testDatabase()

test(
  `in ${PLOTS} plots everything that the reply and the pages say of a file comes to pass`,
  async () => {
    console.info(`PROMISE_SEED=${SEED}`)
    const tally: Tally = { kept: 0, excused: 0, kinds: new Map() }
    const examples: [Plot][] = [[NEWER_CLAIMED], [TAKEN_BY_RUN]]
    const property = fc.asyncProperty(plot, (played) => play(db, played, tally))
    await fc.assert(property, { seed: SEED, numRuns: PLOTS + examples.length, endOnFailure: true, examples })
    console.info(tally)
    expect(tally.kept).toBeGreaterThan(tally.excused)
  },
  60_000 + PLOTS * 5_000,
)
