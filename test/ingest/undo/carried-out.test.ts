import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { previewUndo } from '../../../ingest/undo.ts'
import { forgetBefore } from '../../../store/contacts/history/undo-contacts.ts'
import { claimRun, LeaseLost, queueRun } from '../../../store/runs/runs.ts'
import { insertTeam } from '../../support/batches.ts'
import { BY, line, undos } from './support.ts'

const { database, teamOf, importLines, ask, claimed, carriedOut, batchOf, done, waiting, heldUp } = undos()
const { db } = database

test('a batch is undone once, though many ask at the same moment', async () => {
  const teamId = await insertTeam(database)
  const batchId = await importLines(teamId, [line()])
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(teamId, batchId)))
  expect(answers).toEqual(Array.from({ length: 5 }, () => ({ ok: true })))
  expect(await previewUndo(db, await teamOf(teamId), batchId)).toEqual({
    ok: false,
    refused: 'This batch is being undone, as dana@example.edu asked.',
  })
  const undoing = await claimed(batchId)
  expect(await claimRun(db, 'rosterport/other', [])).toBeNull()
  await carriedOut(teamId, undoing)
  expect(await claimRun(db, 'rosterport/other', [])).toBeNull()
  expect(await ask(teamId, batchId)).toEqual({
    ok: false,
    refused: 'This batch was undone already, by dana@example.edu.',
  })
  const entries = await db.selectFrom('audit').selectAll().where('subject', '=', batchId).execute()
  expect(entries).toMatchObject([
    { action: 'batch.undo', actor: BY, address: '192.0.2.7', team_id: teamId, details: { restored: 0, removed: 1 } },
  ])
  const mails = await db.selectFrom('mail').select('content').where('team_id', '=', teamId).execute()
  // Nobody is on the list of this team.
  expect(mails).toEqual([])
})

test('no run begins while a batch is being undone, and no reader sees half of it', async () => {
  const { teamId, batchId, runId, seen, letGo } = await heldUp()
  const queue = () => queueRun(db, teamId, { trigger: 'on_demand', requestedBy: null, slot: null, files: null })
  expect(await queue()).toEqual({ ok: false, runId, undoing: true })
  const undoing = carriedOut(teamId, await claimed(batchId))
  await expect.poll(waiting).toBe(1)
  expect(await queue()).toEqual({ ok: false, runId, undoing: true })
  expect(await batchOf(batchId)).toMatchObject({
    state: 'imported',
    undo: { state: 'going', by: BY },
    undoableUntil: null,
    undone: null,
  })
  expect(await seen()).toEqual(['Anne', 'Ann'])
  await letGo()
  expect(await undoing).toBe('undone')
  expect(await batchOf(batchId)).toMatchObject({ state: 'undone', undo: null, undone: { by: BY } })
  expect(await seen()).toEqual(['Ann'])
  expect(await queue()).toMatchObject({ ok: true })
})

const ends: { title: string; end: (undoing: { controller: AbortController }) => Promise<unknown> }[] = [
  { title: 'its process is stopped', end: async ({ controller }) => controller.abort(new Error('stopping')) },
  {
    title: 'its connection breaks',
    end: () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db),
  },
]
for (const { title, end } of ends)
  test(`an undo that ends in the middle because ${title} has changed nothing, and is taken up again`, async () => {
    const { teamId, batchId, seen, letGo } = await heldUp()
    const controller = new AbortController()
    const undoing = carriedOut(teamId, await claimed(batchId), controller.signal)
    await expect.poll(waiting).toBe(1)
    await Promise.all([expect(undoing).rejects.toThrow(), end({ controller })])
    await letGo()
    expect(await batchOf(batchId)).toMatchObject({ state: 'imported', undo: { state: 'going' } })
    expect(await seen()).toEqual(['Anne', 'Ann'])
    expect(await carriedOut(teamId, await claimed(batchId))).toBe('undone')
    expect(await seen()).toEqual(['Ann'])
  })

test('of two processes the one that was taken for dead changes nothing', async () => {
  const { teamId, batchId, seen, letGo } = await heldUp()
  await letGo()
  const dead = await claimed(batchId, 'rosterport/dead')
  const living = await claimed(batchId)
  await expect(carriedOut(teamId, dead)).rejects.toThrow(LeaseLost)
  expect(await seen()).toEqual(['Anne', 'Ann'])
  expect(await carriedOut(teamId, living)).toBe('undone')
  await expect(carriedOut(teamId, dead)).rejects.toThrow()
  expect(await seen()).toEqual(['Ann'])
})

test('an undo that fails has changed nothing, says so, and can be asked for again', async () => {
  const { teamId, batchId, seen, letGo } = await heldUp()
  await letGo()
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`.execute(db)
  await sql`create trigger refuse before delete on contact execute function refuse()`.execute(db)
  expect(await carriedOut(teamId, await claimed(batchId))).toBe('failed')
  await sql`drop function refuse cascade`.execute(db)
  expect(await seen()).toEqual(['Anne', 'Ann'])
  expect(await batchOf(batchId)).toMatchObject({
    state: 'imported',
    undo: { state: 'failed', by: BY },
    undoableUntil: expect.any(String),
  })
  expect(await claimRun(db, 'rosterport/other', [])).toBeNull()
  expect(await done(teamId, batchId)).toMatchObject({ restored: 1, removed: 1 })
  expect(await batchOf(batchId)).toMatchObject({ undo: null })
})

test('what contacts held before is kept as long as an undo waits for it', async () => {
  const { teamId, batchId, seen, letGo } = await heldUp()
  await letGo()
  await db
    .updateTable('batch')
    .set({ undo_until: new Date(Date.now() - 2 * 86_400_000) })
    .where('id', '=', batchId)
    .execute()
  await forgetBefore(db)
  expect(await carriedOut(teamId, await claimed(batchId))).toBe('undone')
  expect(await seen()).toEqual(['Ann'])
})
