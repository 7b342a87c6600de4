import { sql } from 'kysely'
import { expect, onTestFinished, test, vi } from 'vitest'
import { progressTeller } from '../../ingest/progress.ts'
import { createLog } from '../../log.ts'
import { NO_COUNTS } from '../../model/run.ts'
import { Signals } from '../../store/postgres/signals.ts'
import { testDatabase } from '../support/database.ts'

const { db, newClient } = testDatabase()

test('another process hears of an import at most four times a second, with its rate and the time left', async () => {
  const signals = new Signals(newClient, createLog('silent'))
  onTestFinished(() => signals.stop())
  await signals.open()
  const heard: unknown[] = []
  signals.subscribe((signal) => heard.push(signal.kind === 'progress' && signal.progress))
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  onTestFinished(() => clock.mockRestore())
  const tell = progressTeller(db, 'run', 'batch')
  let told = 0
  for (let ms = 10; ms <= 1000; ms += 10) {
    clock.mockReturnValue(ms)
    tell({ ...NO_COUNTS, records: ms * 100, bytesRead: ms, bytes: 2000 })
    if ((ms - 10) % 250 !== 0) continue
    told++
    await expect.poll(() => heard.length, { interval: 5 }).toBe(told)
    await sql`select 1`.execute(db)
  }
  expect(heard).toMatchObject(
    [10, 260, 510, 760].map((ms) => ({
      records: ms * 100,
      recordsPerSecond: 100_000,
      secondsLeft: Math.ceil((2000 - ms) / 1000),
    })),
  )
})
