import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import type { FileArea } from '../../../files/file-area.ts'
import { RunQueue } from '../../../ingest/run-queue.ts'
import { recapMessage } from '../../../ingest/telling/recap-message.ts'
import { createLog } from '../../../log.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import { nameOf } from '../../../model/team-path.ts'
import { findRun } from '../../../store/runs/run-history.ts'
import { LeaseLost } from '../../../store/runs/runs.ts'
import { currentSettings, saveSettings } from '../../../store/settings.ts'
import { removeUpload, renameUpload } from '../../../store/uploads/arrived-files.ts'
import { testDatabase } from '../../support/database.ts'
import { ENOUGH_ROOM } from '../../support/enough-room.ts'
import { ASKER, Root, rosterOf } from '../restore/root.ts'
import { overlaid } from '../restore/second-mount.ts'

const pool = testDatabase()
const { db } = pool
const base = await mkdtemp(join(tmpdir(), 'rosterport-passed-over-'))
afterAll(() => rm(base, { recursive: true, force: true }))

/** What cannot be read as a roster. */
const UNREADABLE = {
  'a marker': 'complete\n',
  'a checksum': `${'ab'.repeat(32)}  b.csv\n`,
  'a workbook': 'PK\u0003\u0004\u0014\u0000xl/workbook.xml',
  'an empty file': '',
  'a roster without a column': rosterOf(9).replace('Mobile', 'Phone number'),
}
const MARKER = UNREADABLE['a marker']

async function rootOf(file: Partial<ImportSettings['file']> = {}): Promise<Root> {
  const root = await Root.make(base, [pool], { afterImport: { action: 'delete' }, ...file })
  onTestFinished(() => root.remove())
  return root
}

/** Runs as a window does, or as Run Import. */
async function runOf(root: Root, trigger: 'scheduled' | 'on_demand' = 'on_demand') {
  const { queue } = root.process()
  const slot = { name: 'overnight' as const, date: '2026-11-22', runsBefore: 0 }
  const started = await (trigger === 'scheduled'
    ? queue.startScheduled(root.team, slot)
    : queue.start(root.team, ASKER))
  await root.ended(started.runId)
  return outcome(started.runId)
}

async function outcome(runId: string) {
  const run = (await findRun(db, runId))?.run
  if (!run) throw new Error('no run')
  const batches = run.batches.map(({ fileName, state }) => `${fileName} ${state}`)
  const files = Object.fromEntries(run.files.map(({ path, verdict }) => [nameOf(path as never), verdict]))
  return { run, batches, files }
}

async function verdicts(root: Root): Promise<Record<string, string | null>> {
  return Object.fromEntries((await root.present()).map(({ path, verdict }) => [nameOf(path), verdict]))
}

for (const trigger of ['scheduled', 'on_demand'] as const)
  for (const [what, content] of Object.entries(UNREADABLE))
    test(`${what} behind the roster is passed over, and the roster is imported by the same run (${trigger})`, async () => {
      const root = await rootOf()
      await root.upload('a.csv', rosterOf(1))
      await root.upload('b.csv', rosterOf(2))
      await root.upload('b.csv.finished', content)
      const { run, batches, files } = await runOf(root, trigger)
      expect(batches).toEqual(['b.csv.finished rejected', 'b.csv imported'])
      expect(files).toEqual({ 'a.csv': 'superseded', 'b.csv': 'claimed', 'b.csv.finished': 'rejected' })
      expect(await root.version()).toBe(2)
      expect(await verdicts(root)).toEqual({ 'a.csv': 'superseded', 'b.csv.finished': 'rejected' })
      const reason = run.files.find(({ path }) => path.endsWith('finished'))?.reason
      expect(reason).toBe(`Passed over: it cannot be read. ${run.batches[0]?.problem?.message}`)
      const { text } = await recapMessage(db, run.batches[1]?.id ?? '', new URL('https://example.edu'), {
        now: new Date(),
      })
      expect(text).toContain(`/b.csv.finished: ${run.batches[0]?.problem?.message}`)
      expect(text).toMatch(/Older files not imported \(superseded\)\n {2}File: .*\/a\.csv/)
    })

test('nothing is superseded by files that cannot be read, until one is imported', async () => {
  const root = await rootOf()
  await root.upload('a.csv', MARKER)
  await root.upload('b.csv', MARKER)
  expect((await runOf(root, 'scheduled')).batches).toEqual(['b.csv rejected', 'a.csv rejected'])
  expect(await verdicts(root)).toEqual({ 'a.csv': 'rejected', 'b.csv': 'rejected' })
  await root.upload('c.csv', rosterOf(3))
  await root.upload('d.csv', MARKER)
  expect((await runOf(root)).batches).toEqual(['d.csv rejected', 'c.csv imported'])
  expect(await verdicts(root)).toEqual({ 'a.csv': 'superseded', 'b.csv': 'superseded', 'd.csv': 'rejected' })
  // Pressed again, Run Import tries what is newer than the last import, and nothing else.
  expect((await runOf(root)).batches).toEqual(['d.csv rejected'])
  expect(await root.version()).toBe(3)
})

test('a file that came before the last imported one is never taken in the place of one that cannot be read', async () => {
  const root = await rootOf()
  await root.upload('Other.csv', rosterOf(1))
  const { settings, team } = root
  await root.upload('Roster_2.csv', rosterOf(2))
  const file = { ...settings.file, namePrefix: 'Roster' }
  await saveSettings(db, team.id, 1, { ...settings, file }, ASKER)
  await runOf(root)
  // A rename keeps the time at which the bytes came.
  const [from, to] = [root.pathOf('Other.csv'), root.pathOf('Roster_1.csv')]
  await renameUpload(db, team.id, { from, to }, () => root.area().move(from, to, { replace: true }))
  await root.upload('Roster_3.csv', MARKER)
  const { batches, files } = await runOf(root)
  expect(batches).toEqual(['Roster_3.csv rejected'])
  expect(files).toEqual({ 'Roster_1.csv': 'superseded', 'Roster_3.csv': 'rejected' })
  expect(await root.version()).toBe(2)
})

test('a held file supersedes the older ones, and none of them is imported while it is held', async () => {
  const root = await rootOf()
  const { team, settings } = root
  await saveSettings(db, team.id, 1, { ...settings, guardrails: 'hold' }, ASKER)
  const students = (area: string) =>
    Array.from({ length: 400 }, (_, at) => `${at},Ann,Lee,${area}-555-${String(1000 + at)}`).join('\n')
  await root.upload('a.csv', `ID,First,Last,Mobile\n${students('716')}\n`)
  await runOf(root)
  await root.upload('b.csv', rosterOf(2))
  await root.upload('c.csv', `ID,First,Last,Mobile\n${students('585')}\n`)
  await root.upload('d.csv', MARKER)
  const { batches, files, run } = await runOf(root)
  expect(batches).toEqual(['d.csv rejected', 'c.csv held'])
  expect(files).toEqual({ 'b.csv': 'superseded', 'c.csv': 'claimed', 'd.csv': 'rejected' })
  expect(run.files[0]?.reason).toBe(`Run ${run.number} held the newer file c.csv.`)
  // Renamed by now: it is still older than what is held.
  const [from, to] = [root.pathOf('b.csv'), root.pathOf('e.csv')]
  await renameUpload(db, team.id, { from, to }, () => root.area().move(from, to, { replace: true }))
  expect((await runOf(root, 'scheduled')).batches).toEqual([])
  expect(await verdicts(root)).toMatchObject({ 'c.csv': 'held', 'e.csv': 'superseded' })
})

test('a newer file that comes while the first one is tried is taken before the older ones', async () => {
  const root = await rootOf()
  await root.upload('a.csv', rosterOf(1))
  await root.upload('b.csv', MARKER)
  let looks = 0
  const area = overlaid(root.area(), {
    async *list(folder) {
      looks += 1
      if (looks === 2) await root.upload('b.csv', rosterOf(2))
      yield* root.area().list(folder)
    },
  })
  const { batches } = await runBy(root, area)
  expect(batches).toEqual(['b.csv rejected', 'b.csv imported'])
  expect([await root.version(), await verdicts(root)]).toEqual([2, { 'a.csv': 'superseded' }])
})

test('a file that was removed before it was read supersedes none', async () => {
  const root = await rootOf()
  await root.upload('a.csv', rosterOf(1))
  await root.upload('b.csv', rosterOf(2))
  const path = root.pathOf('b.csv')
  const area = overlaid(root.area(), {
    open: async (opened) => {
      if (opened === path) await removeUpload(db, root.team.id, path, () => root.area().remove(path)).catch(() => {})
      return root.area().open(opened)
    },
  })
  expect((await runBy(root, area)).batches).toEqual(['b.csv aborted'])
  expect(await verdicts(root)).toEqual({ 'a.csv': 'waiting' })
  expect((await runOf(root)).batches).toEqual(['a.csv imported'])
})

describe('a run whose process dies goes on where it was', () => {
  const dead = () => {
    throw new LeaseLost('the process died')
  }
  const places: Record<string, (root: Root) => Partial<FileArea>> = {
    'before it looks again': (root) => {
      let looks = 0
      return { list: (folder) => (++looks === 2 ? dead() : root.area().list(folder)) }
    },
    'when it has taken the next older file': (root) => ({
      open: (path) => (nameOf(path) === 'b.csv' ? dead() : root.area().open(path)),
    }),
    'after it has imported the next older file': () => ({ removeThis: dead }),
  }
  for (const [place, changes] of Object.entries(places))
    test(place, async () => {
      const root = await rootOf()
      await root.upload('a.csv', rosterOf(1))
      await root.upload('b.csv', rosterOf(2))
      await root.upload('c.csv', MARKER)
      const dying = queueOn(overlaid(root.area(), changes(root)))
      const { runId } = await dying.start(root.team, ASKER)
      await expect.poll(async () => (await leaseOf(runId)) ?? '', { interval: 5 }).toBe('left')
      await dying.stop()
      // Nothing is given up by a run that has not ended.
      expect(await verdicts(root)).toMatchObject({ 'c.csv': 'rejected' })
      await root.restart()
      await root.ended(runId)
      const { batches, files } = await outcome(runId)
      expect(batches).toEqual(['c.csv rejected', 'b.csv imported'])
      expect(files).toEqual({ 'a.csv': 'superseded', 'b.csv': 'claimed', 'c.csv': 'rejected' })
      expect([await root.version(), await verdicts(root)]).toEqual([2, { 'a.csv': 'superseded', 'c.csv': 'rejected' }])
    })
})

test('with all matching a file that cannot be read stops none, and none is superseded', async () => {
  const root = await rootOf({ select: 'all_matching' })
  await root.upload('a.csv', rosterOf(1))
  await root.upload('b.csv', MARKER)
  await root.upload('c.csv', rosterOf(3))
  await root.upload('d.csv', MARKER)
  const { batches, run } = await runOf(root)
  expect(batches).toEqual(['a.csv imported', 'b.csv rejected', 'c.csv imported', 'd.csv rejected'])
  const { text } = await recapMessage(db, run.batches[2]?.id ?? '', new URL('https://example.edu'), { now: new Date() })
  expect(text).not.toContain('passed over')
  expect([await root.version(), await verdicts(root)]).toEqual([3, { 'b.csv': 'rejected', 'd.csv': 'rejected' }])
})

test('a named file that cannot be read is not replaced by another', async () => {
  const root = await rootOf()
  await root.upload('a.csv', rosterOf(1))
  const id = await root.upload('b.csv', MARKER)
  const { version } = await currentSettings(db, root.team.id)
  const batch = {
    ...{ uploadId: id, temporaryName: null, approvedBy: null, path: root.pathOf('b.csv'), fileName: 'b.csv' },
    ...{ bytes: MARKER.length, receivedAt: new Date(), settingsVersion: version, afterImport: 'delete' as const },
  }
  const started = await root.process().queue.startNamed(root.team, { found: [], batches: [batch] }, ASKER)
  await root.ended(started.runId)
  expect((await outcome(started.runId)).batches).toEqual(['b.csv rejected'])
  expect(await verdicts(root)).toMatchObject({ 'a.csv': 'waiting' })
})

async function leaseOf(runId: string): Promise<string | null> {
  const run = await db.selectFrom('run').selectAll().where('id', '=', runId).executeTakeFirstOrThrow()
  return run.lease_until && run.lease_until <= new Date() ? 'left' : null
}

async function runBy(root: Root, area: FileArea) {
  const queue = queueOn(area)
  const { runId } = await queue.start(root.team, ASKER)
  await root.ended(runId)
  await queue.stop()
  return outcome(runId)
}

function queueOn(area: FileArea): RunQueue {
  return new RunQueue({
    ...{ db, pool: pool.pool, log: createLog('silent'), owner: pool.processName, now: () => new Date() },
    ...{ signals: { subscribe: () => () => {} }, fileAreaOf: () => area, runEnded: () => {}, atOnce: 1 },
    room: ENOUGH_ROOM,
  })
}

test('what is held beside is shown and told at once, and supersedes no file that stands', async () => {
  const root = await rootOf()
  const { team, settings } = root
  await saveSettings(db, team.id, 1, { ...settings, notificationEmails: ASKER }, ASKER)
  await root.upload('a.csv', rosterOf(1))
  const cut = await root.upload('b.csv', `${rosterOf(2)}cut`, { confirmed: false })
  const [held] = await root.batches()
  expect(held).toMatchObject({ upload_id: cut, state: 'held', decision: null })
  const mails = db.selectFrom('mail').select(['batch_id', 'state']).where('team_id', '=', team.id)
  expect(await mails.execute()).toEqual([{ batch_id: held?.id, state: 'queued' }])
  expect((await runOf(root, 'scheduled')).batches).toEqual(['a.csv imported'])
  const approved = await root.approve(held?.id ?? '')
  if (!('runId' in approved)) throw new Error(JSON.stringify(approved))
  await root.ended(approved.runId)
  expect(await root.version()).toBe(2)
})
