import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Run } from '../../model/run.ts'
import { testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()
const HEADER = 'ID,First,Last,Cell,OptOut,Major\n'
const SECONDS = 1

/** Milliseconds from the start to the end. */
const lasted = ({ startedAt, finishedAt }: { startedAt: string | null; finishedAt: string | null }) =>
  new Date(finishedAt ?? 0).getTime() - new Date(startedAt ?? 0).getTime()

test('an import that takes its time says so, and what it brought is undone as ever', async () => {
  const { db } = service.database
  await sql`create function slow() returns trigger language plpgsql as $$
    begin perform pg_sleep(${sql.lit(SECONDS)}); return null; end $$`.execute(db)
  await sql`create trigger slow after insert on contact for each statement execute function slow()`.execute(db)
  const { team, upload } = await service.makeTeam('admissions')
  await upload('/cadence/imports/StudentData.csv', `${HEADER}1001,Ann,Lee,716-555-0101,N,Biology\n`)
  const run = await service.runImport(team)
  const [batch] = run.batches
  expect(batch).toMatchObject({ state: 'imported', counts: { created: 1 } })
  for (const part of [run, batch as Run['batches'][number]]) {
    expect(lasted(part)).toBeGreaterThanOrEqual(SECONDS * 1000)
    expect(lasted(part)).toBeLessThan(SECONDS * 1000 + 20_000)
  }
  expect(new Date(batch?.finishedAt ?? 0).getTime()).toBeLessThanOrEqual(new Date(run.finishedAt ?? 0).getTime())

  // The recap was queued, and the file judged, within the same transaction.
  const { created_at: queuedAt } = await db.selectFrom('mail').select('created_at').executeTakeFirstOrThrow()
  const { verdict_at: judgedAt } = await db.selectFrom('upload').select('verdict_at').executeTakeFirstOrThrow()
  for (const at of [queuedAt, judgedAt])
    expect((at?.getTime() ?? 0) - new Date(batch?.startedAt ?? 0).getTime()).toBeGreaterThanOrEqual(SECONDS * 1000)

  const undone = await service.call('POST', `/api/batches/${batch?.id}/undo`)
  expect(undone.status).toBe(202)
  await service.finishedRun((await anyJson(undone)).runId)
  await expect
    .poll(async () => (await db.selectFrom('contact').selectAll().execute()).length, { timeout: 10_000 })
    .toBe(0)
})
