import { expect, test } from 'vitest'
import { previewUndo } from '../../../ingest/undo.ts'
import { queueRun } from '../../../store/runs/runs.ts'
import { contactsOf, insertTeam, parsingBatch } from '../../support/batches.ts'
import { line, undos } from './support.ts'

const { database, teamOf, importLines, undo } = undos()
const { db } = database

const refusals = [
  {
    title: 'that is still read',
    batch: (teamId: number) => parsingBatch(db, teamId),
    says: /Nothing of this batch was imported/,
  },
  {
    title: 'of 31 days ago',
    batch: async (teamId: number) => {
      const batchId = await importLines(teamId, [line()])
      const ago = new Date(Date.now() - 31 * 86_400_000)
      await db
        .updateTable('batch')
        .set({ finished_at: ago, undo_until: new Date(ago.getTime() + 30 * 86_400_000) })
        .where('id', '=', batchId)
        .execute()
      return batchId
    },
    says: /cannot be undone any more: what contacts held before an import is kept for 30 days/,
  },
  {
    title: 'from before contacts were kept',
    batch: async (teamId: number) => {
      const batchId = await importLines(teamId, [line()])
      await db.updateTable('batch').set({ undo_until: null }).where('id', '=', batchId).execute()
      return batchId
    },
    says: /was imported before this service kept/,
  },
  {
    title: 'while a run of the team is going',
    batch: async (teamId: number) => {
      const batchId = await importLines(teamId, [line()])
      await queueRun(db, teamId, { trigger: 'on_demand', requestedBy: null, slot: null, files: null })
      return batchId
    },
    says: /^Run #1 of Admissions is going/,
  },
]
for (const { title, batch, says } of refusals)
  test(`a batch ${title} is not undone, and one sentence says why`, async () => {
    const teamId = await insertTeam(database)
    const batchId = await batch(teamId)
    const before = await contactsOf(database, teamId)
    for (const refused of [await undo(teamId, batchId), await previewUndo(db, await teamOf(teamId), batchId)])
      expect(refused).toEqual({ ok: false, refused: expect.stringMatching(says) })
    expect(await contactsOf(database, teamId)).toEqual(before)
  })
