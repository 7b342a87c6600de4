import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { approveHeld, discardHeld } from '../../ingest/decisions.ts'
import { RunQueue } from '../../ingest/run-queue.ts'
import { createLog } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { batchById, batchesOfRun } from '../../store/runs/batches.ts'
import { saveSettings } from '../../store/settings.ts'
import { teamById } from '../../store/teams.ts'
import { insertTeam, parsingBatch } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()
const { db, pool, processName } = database
const folder = await mkdtemp(join(tmpdir(), 'rosterport-decisions-'))
afterAll(() => rm(folder, { recursive: true }))
const files = diskFileArea(folder)
/** Stopped, so that it takes nothing of what it queues. */
const queue = new RunQueue({
  ...{ db, pool, log: createLog('silent'), now: () => new Date(), owner: processName },
  ...{
    signals: { subscribe: () => () => {} },
    fileAreaOf: () => files,
    room: { look: async () => true },
    runEnded: () => {},
  },
})
beforeAll(() => queue.stop())
const BY = 'dana@example.edu'
const DECIDED = { ok: false, refused: 'This batch is not held, or has already been decided.' }

/** A team with a file given by hand that the guardrails hold. */
async function held() {
  const team = (await teamById(db, await insertTeam(database))) as Team
  await saveSettings(db, team.id, 0, settingsOf(), 'test')
  const batchId = await parsingBatch(db, team.id)
  const pending = await files.receive()
  await pending.seal()
  await db
    .updateTable('batch')
    .set({ state: 'held', temporary_name: pending.temporaryName })
    .where('id', '=', batchId)
    .execute()
  const queued = async () =>
    (await db.selectFrom('run').select('id').where('team_id', '=', team.id).where('state', '=', 'queued').execute())
      .length
  const decision = async () => (await batchById(db, batchId)).decision
  const approve = (importer = queue as Parameters<typeof approveHeld>[1]) =>
    approveHeld(db, importer, { team, files }, batchId, BY)
  return { team, batchId, queued, decision, approve, discard: () => discardHeld(db, files, batchId, BY) }
}

test('a batch is approved as its run is queued, though the process dies right after', async () => {
  const { approve, decision, queued } = await held()
  const dying = {
    startNamed: async (...asked: Parameters<typeof queue.startNamed>) => {
      await queue.startNamed(...asked)
      throw new Error('killed')
    },
  }
  await expect(approve(dying as unknown as typeof queue)).rejects.toThrow('killed')
  expect([await decision(), await queued()]).toEqual(['approved', 1])
  expect(await approve()).toEqual(DECIDED)
})

test('a batch is approved under the settings that it was held with, whatever was saved since', async () => {
  const { team, approve } = await held()
  await saveSettings(db, team.id, 1, settingsOf({ version: 2 }), 'test')
  const approved = await approve()
  if (!approved.ok || !('runId' in approved)) throw new Error('no run was queued')
  const [batch] = await batchesOfRun(db, approved.runId)
  expect(batch?.settings_version).toBe(1)
})

test('of an approval and a discard at once one counts, and nothing is imported that was discarded', async () => {
  for (let round = 0; round < 5; round++) {
    const { approve, discard, decision, queued } = await held()
    const [approved, discarded] = await Promise.all([approve(), discard()])
    expect(approved.ok).toBe(!discarded)
    expect([await decision(), await queued()]).toEqual(discarded ? ['discarded', 0] : ['approved', 1])
  }
})

test('what was discarded while its approval was on its way is not imported', async () => {
  const { approve, discard, decision, queued } = await held()
  const late = {
    startNamed: async (...asked: Parameters<typeof queue.startNamed>) => {
      expect(await discard()).toBe(true)
      return queue.startNamed(...asked)
    },
  }
  expect(await approve(late as unknown as typeof queue)).toEqual(DECIDED)
  expect([await decision(), await queued()]).toEqual(['discarded', 0])
})
