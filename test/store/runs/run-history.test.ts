import { expect, test } from 'vitest'
import { allRecordErrors, findBatch, latestRuns } from '../../../store/runs/run-history.ts'
import { createTeam } from '../../../store/teams.ts'
import { testDatabase } from '../../support/database.ts'
import { insertErrors, insertRun } from '../../support/history.ts'

const { db } = testDatabase()

async function newTeam(slug: string): Promise<number> {
  const team = await createTeam(db, { team: slug, name: slug, timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  return team.id
}

test('all errors of a batch are read in the order of their lines, also over many pages', async () => {
  const { batch } = await insertRun(db, await newTeam('admissions'), 1)
  const { batch: other } = await insertRun(db, await newTeam('advising'), 1)
  const lines = Array.from({ length: 2500 }, (_, index) => 10 + index * 2)
  await insertErrors(db, batch, lines, [])
  await insertErrors(db, other, [11], [])
  const read: number[] = []
  for await (const error of allRecordErrors(db, batch)) read.push(error.line)
  expect(read).toEqual([3, 5, ...lines])
})

test('a batch tells how its recap fares', async () => {
  const teamId = await newTeam('bursar')
  const { batch } = await insertRun(db, teamId, 1)
  await db
    .insertInto('mail')
    .values({
      team_id: teamId,
      batch_id: batch,
      kind: 'recap',
      message_id: '<1@example.edu>',
      recipients: '[]',
      state: 'queued',
      attempts: 3,
      last_error: null,
      sent_at: null,
    })
    .execute()
  expect((await findBatch(db, batch))?.batch.recap).toEqual({ state: 'queued', attempts: 3 })
})

test('the latest runs are the last few of each team', async () => {
  const busy = await newTeam('registrar')
  const calm = await newTeam('housing')
  for (let number = 1; number <= 4; number++) await insertRun(db, busy, number)
  await insertRun(db, calm, 1)
  const runs = await latestRuns(db, [busy, calm], 2)
  expect(runs.map(({ team, number, batches }) => [team, number, batches.length])).toEqual([
    ['registrar', 4, 1],
    ['registrar', 3, 1],
    ['housing', 1, 1],
  ])
  expect(await latestRuns(db, [], 2)).toEqual([])
})
