import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { createLog } from '../../../log.ts'
import { teamPath } from '../../../model/team-path.ts'
import { onConnection, openDatabase } from '../../../store/postgres/database.ts'
import {
  AbortRequested,
  claimRun,
  endSleepers,
  finishRun,
  holdLease,
  LeaseLost,
  queueRun,
  releaseRun,
  renewLease,
  requestAbort,
} from '../../../store/runs/runs.ts'
import { dropLease, endUndo, requestUndo } from '../../../store/runs/undo-requests.ts'
import { createTeam } from '../../../store/teams.ts'
import { setVerdict } from '../../../store/uploads/verdict.ts'
import { testDatabase } from '../../support/database.ts'
import { enterFound } from '../../support/uploads.ts'

const { db, address, processName } = testDatabase()

let teams = 0
/** A run that was claimed by `owner`. */
async function claimed(owner: string) {
  const team = await createTeam(db, { team: `team-${++teams}`, name: 'Admissions', timeZone: 'America/New_York' })
  const queued = await queueRun(db, team?.id ?? 0, {
    trigger: 'on_demand',
    requestedBy: null,
    slot: null,
    files: null,
  })
  const run = await claimRun(db, owner, [])
  expect(run?.id).toBe(queued.runId)
  return { runId: queued.runId, owner }
}

test('a run of a living process is not taken from it', async () => {
  const lease = await claimed(processName)
  expect(await claimRun(db, 'rosterport/other', [])).toBeNull()
  await finishRun(db, lease, 'imported')
})

test('a run of a process without a connection is taken over at once, and what the old one writes is void', async () => {
  const old = await claimed('rosterport/dead')
  const lease = { runId: old.runId, owner: processName }
  expect((await claimRun(db, processName, []))?.id).toBe(old.runId)
  await expect(db.transaction().execute((tx) => holdLease(tx, old))).rejects.toThrow(LeaseLost)
  expect(await renewLease(db, old)).toBe('lost')
  await finishRun(db, old, 'failed')
  await db.transaction().execute((tx) => holdLease(tx, lease))
  expect(await renewLease(db, lease)).toBe('ours')
  await finishRun(db, lease, 'imported')
})

const REQUEST = {
  by: 'dana@example.edu',
  at: '2026-11-22T15:00:00Z',
  actor: { name: 'dana@example.edu', kind: 'administrator' as const, address: null },
}

test('the undo of a batch whose run was aborted in its midst is not aborted', async () => {
  const { runId } = await claimed(processName)
  const lease = { runId, owner: processName }
  await requestAbort(db, runId)
  expect(await renewLease(db, lease)).toBe('abort_requested')
  await finishRun(db, lease, 'aborted')
  await db.transaction().execute((tx) => requestUndo(tx, { id: randomUUID(), run_id: runId }, REQUEST))
  expect((await claimRun(db, processName, []))?.state).toBe('aborted')
  expect(await requestAbort(db, runId)).toBe(false)
  expect(await renewLease(db, lease)).toBe('ours')
  await db.transaction().execute((tx) => endUndo(tx, lease))
  expect(await renewLease(db, lease)).toBe('ours')
  await dropLease(db, lease)
  expect(await renewLease(db, lease)).toBe('lost')
})

test('a process that froze in a transaction keeps its run only until its lease ran out', async () => {
  const frozen = openDatabase(address, createLog('silent'))
  const lease = await claimed(frozen.processName)
  const client = await frozen.pool.connect()
  await client.query('begin')
  await endSleepers(db, processName)
  await client.query('commit')
  await releaseRun(db, lease)
  await client.query('begin')
  await holdLease(onConnection(client), lease)
  expect(await claimRun(db, processName, [])).toBeNull()
  const cut = new Promise((resolve) => client.once('end', resolve))
  await endSleepers(db, processName)
  await cut
  await vi.waitFor(async () => expect((await claimRun(db, processName, []))?.id).toBe(lease.runId))
  client.release(true)
  await frozen.close()
  await finishRun(db, { ...lease, owner: processName }, 'imported')
})

test('a run that a process lost hold of is its own to take up again, unless it is still at it', async () => {
  const lease = await claimed(processName)
  expect(await claimRun(db, processName, [lease.runId])).toBeNull()
  expect((await claimRun(db, processName, []))?.id).toBe(lease.runId)
  await finishRun(db, lease, 'imported')
})

test('what is to be aborted cannot be committed, but its end can be recorded', async () => {
  const lease = await claimed(processName)
  expect(await requestAbort(db, lease.runId)).toBe(true)
  await expect(db.transaction().execute((tx) => holdLease(tx, lease, 'abort'))).rejects.toThrow(AbortRequested)
  await db.transaction().execute((tx) => holdLease(tx, lease))
  await finishRun(db, lease, 'aborted')
  expect(await requestAbort(db, lease.runId)).toBe(false)
})

test('of many simultaneous presses one starts a run, and all others are told of it', async () => {
  const team = await createTeam(db, { team: 'pressed', name: 'Admissions', timeZone: 'America/New_York' })
  const run = { trigger: 'on_demand', requestedBy: null, slot: null, files: null } as const
  const presses = await Promise.all(Array.from({ length: 20 }, () => queueRun(db, team?.id ?? 0, run)))
  expect(presses.filter(({ ok }) => ok)).toHaveLength(1)
  expect(new Set(presses.map(({ runId }) => runId)).size).toBe(1)
})

test('a run of small files alone is told by what waits in the root of its team', async () => {
  const team = await createTeam(db, { team: `team-${++teams}`, name: 'Admissions', timeZone: 'America/New_York' })
  const teamId = team?.id ?? 0
  const arrive = (name: string, bytes: number) =>
    enterFound(db, teamId, {
      ...{ path: teamPath(`/${name}`), sha256: name, identity: { device: 1n, inode: BigInt(bytes), bytes } },
    })
  const { runId } = await queueRun(db, teamId, { trigger: 'on_demand', requestedBy: null, slot: null, files: null })
  expect(await claimRun(db, processName, [], { mostBytes: 1_000 })).toBeNull()
  const imported = await arrive('imported.csv', 5_000)
  await setVerdict(db, imported.id, { verdict: 'imported', reason: '' })
  await arrive('a.csv', 600)
  const last = await arrive('b.csv', 600)
  expect(await claimRun(db, processName, [], { mostBytes: 1_000 })).toBeNull()
  await setVerdict(db, last.id, { verdict: 'superseded', reason: '' })
  expect((await claimRun(db, processName, [], { mostBytes: 1_000 }))?.id).toBe(runId)
  await finishRun(db, { runId, owner: processName }, 'imported')
})
