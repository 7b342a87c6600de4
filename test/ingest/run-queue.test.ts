import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { ImportRoom } from '../../ingest/import-room.ts'
import { manualBatch } from '../../ingest/manual-import.ts'
import { RunQueue, SMALL_RUN_BYTES } from '../../ingest/run-queue.ts'
import { createLog } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { findRun } from '../../store/runs/run-history.ts'
import { queueRun } from '../../store/runs/runs.ts'
import { saveSettings } from '../../store/settings.ts'
import { teamById } from '../../store/teams.ts'
import { contactsOf, insertTeam } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { ENOUGH_ROOM } from '../support/enough-room.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()
const { db, pool, processName } = database
const folder = await mkdtemp(join(tmpdir(), 'rosterport-importer-'))
afterAll(() => rm(folder, { recursive: true }))

async function newTeam(): Promise<Team> {
  const team = (await teamById(db, await insertTeam(database))) as Team
  await saveSettings(db, team.id, 0, settingsOf(), 'test')
  return team
}

const fileAreaOf = ({ team }: Team) => diskFileArea(join(folder, team))

/** A file given by hand that is said to have so many bytes. */
async function given(team: Team, bytes: number, content = 'ID,First,Last,Mobile\nk1,Ann,Lee,716-555-0101\n') {
  await mkdir(join(folder, team.team), { recursive: true })
  const file = await fileAreaOf(team).receive()
  await file.write(Buffer.from(content))
  await file.seal()
  return { temporaryName: file.temporaryName, fileName: 'given.csv', bytes, sha256: null }
}

const stateOf = async (runId: string) =>
  (await db.selectFrom('run').select('state').where('id', '=', runId).executeTakeFirstOrThrow()).state

const filesOf = async (runId: string) =>
  (await db.selectFrom('run').select('files').where('id', '=', runId).executeTakeFirstOrThrow()).files

const untilState = (runId: string, state: string) =>
  vi.waitFor(async () => expect(await stateOf(runId)).toBe(state), { timeout: 10_000 })

function newQueue(now: () => Date = () => new Date(), room: Partial<typeof ENOUGH_ROOM> = {}): RunQueue {
  const signals = { subscribe: () => () => {} }
  const log = createLog('silent')
  const ours = { db, pool, log, now, owner: processName }
  return new RunQueue({
    ...ours,
    signals,
    fileAreaOf,
    atOnce: 1,
    room: { ...ENOUGH_ROOM, ...room },
    runEnded: () => {},
  })
}

/** Starts the run of a huge file; it keeps the only place until it is let go. */
async function keepThePlace(queue: RunQueue): Promise<{ runId: string; letGo: () => Promise<void> }> {
  const team = await newTeam()
  const files = await manualBatch(db, team, await given(team, SMALL_RUN_BYTES + 1))
  // Not by the queue, which would begin at once.
  const queued = await queueRun(db, team.id, { trigger: 'manual', requestedBy: 'test', slot: null, files })
  if (!queued.ok) throw new Error('another run is going')
  const { runId } = queued
  // The import cannot go on while its batch is held.
  const holder = await pool.connect()
  await holder.query('begin')
  await holder.query('select from batch where run_id = $1 for update', [runId])
  queue.open()
  await untilState(runId, 'running')
  let held = true
  const letGo = async () => {
    if (!held) return
    held = false
    await holder.query('rollback')
    holder.release()
  }
  onTestFinished(letGo)
  return { runId, letGo }
}

test('while a huge file keeps the only place, a small file is imported and a second huge one waits', async () => {
  const [secondHuge, small] = [await newTeam(), await newTeam()]
  const queue = newQueue()
  const first = await keepThePlace(queue)
  const second = await queue.startManual(secondHuge, await given(secondHuge, SMALL_RUN_BYTES + 1), 'test')
  const third = await queue.startManual(small, await given(small, SMALL_RUN_BYTES), 'test')
  await untilState(third.runId, 'imported')
  expect(await contactsOf(database, small.id)).toHaveLength(1)
  expect(await stateOf(first.runId)).toBe('running')
  expect(await stateOf(second.runId)).toBe('queued')
  await first.letGo()
  await untilState(second.runId, 'imported')
  await untilState(first.runId, 'imported')
  await queue.stop()
})

test('a huge file that nobody uploaded does not take the place of the small ones', async () => {
  const team = await newTeam()
  const { path } = settingsOf().file
  await db
    .insertInto('upload')
    .values({
      team_id: team.id,
      path: '/elsewhere.csv',
      source: 'ftp',
      state: 'ready',
      verdict: 'waiting',
      bytes: 10,
      received_at: new Date(),
    })
    .execute()
  await mkdir(join(folder, team.team, path), { recursive: true })
  const content = Buffer.alloc(SMALL_RUN_BYTES + 1, '\n')
  content.write('ID,First,Last,Mobile\nk1,Ann,Lee,716-555-0101\n')
  await writeFile(join(folder, team.team, path, 'StudentData.csv'), content)
  // By then it has not changed for long enough.
  const queue = newQueue(() => new Date(Date.now() + 120_000))
  const first = await keepThePlace(queue)
  const { runId } = await queue.start(team, 'test')
  await vi.waitFor(async () => expect(await filesOf(runId)).toHaveLength(1), { timeout: 10_000 })
  await untilState(runId, 'queued')
  await first.letGo()
  await untilState(runId, 'imported')
  expect(await contactsOf(database, team.id)).toHaveLength(1)
  await queue.stop()
})

test('a run that is claimed in the moment of the stop is given back, and nothing of it has begun', async () => {
  const team = await newTeam()
  const owner = 'rosterport/stopping'
  const queue = new RunQueue({
    ...{ db, pool, log: createLog('silent'), now: () => new Date(), owner },
    ...{ signals: { subscribe: () => () => {} }, fileAreaOf, runEnded: () => {} },
    room: ENOUGH_ROOM,
  })
  const holder = await pool.connect()
  await holder.query('begin')
  // Whoever queues a run looks for one at once, unless it has stopped.
  const giver = newQueue()
  await giver.stop()
  const { runId } = await giver.startManual(team, await given(team, 1), 'test')
  // The claim waits for this.
  await holder.query('lock table run in share row exclusive mode')
  queue.open()
  await vi.waitFor(async () => {
    const { rows } = await pool.query(`select from pg_locks where relation = 'run'::regclass and not granted`)
    expect(rows).toHaveLength(1)
  })
  const stopped = queue.stop()
  await holder.query('rollback')
  holder.release()
  await stopped
  const { lease_owner, lease_until } = await db
    .selectFrom('run')
    .select(['lease_owner', 'lease_until'])
    .where('id', '=', runId)
    .executeTakeFirstOrThrow()
  expect(lease_owner).toBe(owner)
  expect(lease_until?.getTime()).toBeLessThanOrEqual(Date.now())
  const { state } = await db.selectFrom('batch').select('state').where('run_id', '=', runId).executeTakeFirstOrThrow()
  expect(state).toBe('queued')
})

const FULL = { freeBytes: 4, totalBytes: 100 }
const ALMOST_FULL = { freeBytes: 5.5, totalBytes: 100 }
const ROOMY = { freeBytes: 6, totalBytes: 100 }

const waits = async (runId: string) => (await findRun(db, runId))?.run.waitsForRoom

test('on a full disk runs wait, say so and can be stopped; they begin once there is room', async () => {
  const lines: Record<string, unknown>[] = []
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
  let space = FULL
  let looks = 0
  const room = new ImportRoom(async () => space, log)
  const queue = newQueue(undefined, {
    look: async () => {
      looks += 1
      return room.look()
    },
  })
  const lookedAgain = () => {
    const before = looks
    // The look after the next one has seen everything that the next one did.
    return vi.waitFor(() => expect(looks).toBeGreaterThan(before + 1), { timeout: 10_000 })
  }
  const [team, stopped] = [await newTeam(), await newTeam()]
  const { runId } = await queue.startManual(team, await given(team, 1), 'test')
  const other = await queue.startManual(stopped, await given(stopped, 1), 'test')
  queue.open()
  await vi.waitFor(async () => expect(await waits(runId)).toBe(true), { timeout: 10_000 })
  expect(await stateOf(runId)).toBe('queued')
  expect(await queue.abort(other.runId)).toBe(true)
  await untilState(other.runId, 'aborted')

  space = ALMOST_FULL
  await lookedAgain()
  expect(await stateOf(runId)).toBe('queued')
  space = ROOMY
  await untilState(runId, 'imported')
  expect(await waits(runId)).toBe(false)
  expect(await contactsOf(database, team.id)).toHaveLength(1)
  await queue.stop()
  const said = lines.map(({ msg }) => String(msg)).filter((msg) => msg.startsWith('imports'))
  expect(said).toEqual([
    'imports wait: the disk of the database is full, 4 bytes free, 5 bytes are kept',
    'imports go on: the disk of the database has room again',
  ])
})

test('a run whose disk becomes full between two files waits with the second, and imports each once', async () => {
  const team = await newTeam()
  const idsOf = async () => (await contactsOf(database, team.id)).map((contact) => contact.contact_id).sort()
  let madeRoom = false
  const queue = newQueue(undefined, { look: async () => madeRoom || (await idsOf()).length === 0 })
  const batches = []
  for (const id of ['k1', 'k2']) {
    const file = await given(team, 1, `ID,First,Last,Mobile\n${id},Ann,Lee,716-555-0101\n`)
    batches.push(...(await manualBatch(db, team, file)).batches)
  }
  const { runId } = await queue.startNamed(team, { found: [], batches }, 'test')
  queue.open()
  await vi.waitFor(async () => expect(await waits(runId)).toBe(true), { timeout: 10_000 })
  expect(await idsOf()).toEqual(['k1'])
  madeRoom = true
  await untilState(runId, 'imported')
  expect(await idsOf()).toEqual(['k1', 'k2'])
  await queue.stop()
})

test('a run in progress is stopped while the disk is nearly full, and done once when there is room', async () => {
  let nearlyGone = false
  let seen = 0
  const isNearlyGone = async () => {
    if (nearlyGone) seen += 1
    return nearlyGone
  }
  const queue = newQueue(undefined, { look: async () => !nearlyGone, isNearlyGone })
  const { runId, letGo } = await keepThePlace(queue)
  const { team_id } = await db.selectFrom('run').select('team_id').where('id', '=', runId).executeTakeFirstOrThrow()
  nearlyGone = true
  await vi.waitFor(() => expect(seen).toBeGreaterThan(0), { timeout: 10_000 })
  await letGo()
  await vi.waitFor(async () => expect(await waits(runId)).toBe(true), { timeout: 10_000 })
  expect([await stateOf(runId), await contactsOf(database, team_id)]).toEqual(['queued', []])
  nearlyGone = false
  await untilState(runId, 'imported')
  expect(await contactsOf(database, team_id)).toHaveLength(1)
  await queue.stop()
})
