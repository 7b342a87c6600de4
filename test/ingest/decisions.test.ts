import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { checkStoredFile } from '../../ingest/check-file.ts'
import { approveHeld, type CheckHeldFile, discardHeld } from '../../ingest/decisions.ts'
import { RunQueue } from '../../ingest/run-queue.ts'
import { createLog } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { batchById, batchesOfRun } from '../../store/runs/batches.ts'
import { saveSettings } from '../../store/settings.ts'
import { teamById } from '../../store/teams.ts'
import { importBytes, insertTeam, parsingBatch } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { ENOUGH_ROOM } from '../support/enough-room.ts'
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
    room: ENOUGH_ROOM,
    runEnded: () => {},
  },
})
beforeAll(() => queue.stop())
const BY = 'dana@example.edu'
const DECIDED = { ok: false, refused: 'This batch is not held, or has already been decided.' }

const ROSTER = 'ID,First,Last,Mobile\n1,Ann,Lee,716-555-0101\n2,Bo,Park,716-555-0102\n'

/** A team with a file given by hand that the guardrails held, with the figures of a check. */
async function held() {
  const team = (await teamById(db, await insertTeam(database))) as Team
  await saveSettings(db, team.id, 0, settingsOf(), 'test')
  const batchId = await parsingBatch(db, team.id)
  const pending = await files.receive()
  await pending.write(Buffer.from(ROSTER))
  await pending.seal()
  const { temporaryName } = pending
  const check = (file: Parameters<CheckHeldFile>[0]) =>
    checkStoredFile({ db, pool }, files, team, file, { signal: new AbortController().signal, progress: () => {} })
  const { counts, samples, guardrails } = await check({ temporaryName, fileName: 'a.csv', bytes: 1, sha256: null })
  const { imported: _, ...shown } = counts
  const figures = { counts: shown, samples, findings: guardrails.findings, revision: 1 }
  await db
    .updateTable('batch')
    .set({ state: 'held', temporary_name: temporaryName, held: JSON.stringify(figures) })
    .where('id', '=', batchId)
    .execute()
  const queued = async () =>
    (await db.selectFrom('run').select('id').where('team_id', '=', team.id).where('state', '=', 'queued').execute())
      .length
  const decision = async () => (await batchById(db, batchId)).decision
  const approve = (importer: Pick<RunQueue, 'startNamed'> = queue, revision: number | null = null) =>
    approveHeld({ db, importer, files, check }, team, batchId, { by: BY, revision })
  const figuresNow = async () => (await batchById(db, batchId)).held
  return {
    team,
    batchId,
    queued,
    decision,
    figuresNow,
    approve,
    discard: () => discardHeld(db, { team, files }, batchId, BY),
  }
}

test('a batch is approved as its run is queued, though the process dies right after', async () => {
  const { approve, decision, queued } = await held()
  const dying = {
    startNamed: async (...asked: Parameters<typeof queue.startNamed>) => {
      await queue.startNamed(...asked)
      throw new Error('killed')
    },
  }
  await expect(approve(dying)).rejects.toThrow('killed')
  expect([await decision(), await queued()]).toEqual(['approved', 1])
  expect(await approve()).toEqual(DECIDED)
})

test('with other settings the batch gets new figures and stays held, and a second approval is of these', async () => {
  const { team, approve, decision, queued, figuresNow } = await held()
  const columns = settingsOf().fields
  // The names change places.
  const fields = { ...columns, firstName: columns.lastName, lastName: columns.firstName }
  await saveSettings(db, team.id, 1, { ...settingsOf({ version: 2 }), fields, mobileCountries: 'us_ca' }, 'test')
  expect(await approve()).toEqual({ ok: false, shownAnew: expect.stringContaining('settings have changed') })
  expect([await decision(), await queued()]).toEqual([null, 0])
  expect(await figuresNow()).toMatchObject({ revision: 2, counts: { records: 2, created: 2 } })
  // A page that still shows the old figures approves nothing.
  expect(await approve(queue, 1)).toEqual({ ok: false, shownAnew: expect.stringContaining('checked again') })
  const approved = await approve(queue, 2)
  if (!approved.ok) throw new Error('no run was queued')
  const [batch] = await batchesOfRun(db, approved.runId)
  expect(batch).toMatchObject({ settings_version: 2, approved: { revision: 2, counts: { created: 2 } } })
})

test('with other contacts the batch gets new figures and stays held', async () => {
  const { team, approve, decision, figuresNow } = await held()
  await importBytes(database, team.id, ROSTER.replace('Park', 'Poe'), { settings: settingsOf() })
  expect(await approve()).toEqual({ ok: false, shownAnew: expect.stringContaining('contacts have changed') })
  expect([await decision(), await figuresNow()]).toMatchObject([
    null,
    { revision: 2, counts: { created: 0, updated: 1, unchanged: 1 }, samples: [{ contactId: '2' }] },
  ])
  expect((await approve()).ok).toBe(true)
})

test('with settings under which the file cannot be read nothing is approved, and the reason is told', async () => {
  const { team, approve, decision, figuresNow } = await held()
  const fields = { ...settingsOf().fields, mobileNumber: 'Cell' }
  await saveSettings(db, team.id, 1, { ...settingsOf({ version: 2 }), fields }, 'test')
  expect(await approve()).toEqual({ ok: false, refused: expect.stringMatching(/cannot be imported.*"Cell"/s) })
  expect([await decision(), await figuresNow()]).toMatchObject([null, { revision: 1 }])
})

test('of two approvals at once with other settings none imports, and the figures are made anew once', async () => {
  const { team, approve, queued, figuresNow } = await held()
  await saveSettings(db, team.id, 1, settingsOf({ version: 2 }), 'test')
  const answers = await Promise.all([approve(queue, 1), approve(queue, 1)])
  expect(answers.map((answer) => 'shownAnew' in answer)).toEqual([true, true])
  expect([await queued(), (await figuresNow())?.revision]).toEqual([0, 2])
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
  expect(await approve(late)).toEqual(DECIDED)
  expect([await decision(), await queued()]).toEqual(['discarded', 0])
})
