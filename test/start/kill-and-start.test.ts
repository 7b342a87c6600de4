import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { embeddedProgram } from '../support/machine/built-programs.ts'
import { HARDSHIPS, KillAndStart } from '../support/machine/kill-and-start.ts'
import { seededRandom } from '../support/random.ts'

const WITHIN_MS = 12_000

/** `npm run test:kills` does many more, with the whole service. */
test('killed at random moments and started at once, it comes up with every row that was committed', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = seededRandom(seed)
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-kills-'))
  const subject = new KillAndStart({ dataDir, program: embeddedProgram, random, disk: null })
  onTestFinished(async () => {
    await subject.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  await subject.open()
  for (const begun = Date.now(); Date.now() - begun < WITHIN_MS; ) {
    const hardship = HARDSHIPS.filter((each) => each !== 'a full disk')[Math.floor(random() * (HARDSHIPS.length - 1))]
    if (!hardship) continue
    const { wrong } = await subject.round(hardship)
    expect(wrong, `${hardship}, seed ${seed}`).toEqual([])
  }
})
