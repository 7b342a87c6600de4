import { expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import type { Run } from '../../../model/run.ts'
import { testService } from '../../support/service.ts'
import { anyJson } from '../../support/web.ts'

const lines: { level: string; msg: string; err?: unknown }[] = []
const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
const service = testService({}, log)

const RECORDS = 60_000

test('a stop in the midst of an import is told without a warning, and the import is taken up again', async () => {
  const { upload } = await service.makeTeam('admissions')
  const records = Array.from(
    { length: RECORDS },
    (_, n) => `${n},Ann,Lee,716555${String(n % 10_000).padStart(4, '0')},N,Biology`,
  )
  await upload('/cadence/imports/StudentData.csv', ['ID,First,Last,Cell,OptOut,Major', ...records].join('\n'))
  const { runId } = await anyJson(await service.call('POST', '/run-import', { team: 'admissions' }))
  for (;;) {
    const run: Run = await anyJson(await service.call('GET', `/api/runs/${runId}`))
    if (run.batches.some(({ state }) => state === 'parsing' || state === 'applying')) break
    expect(run.state).toMatch(/queued|running/)
  }
  lines.length = 0
  await service.stop()
  expect(lines.map(({ msg }) => msg)).toContain('run interrupted by the stop; it will be taken up again')
  await service.start()
  expect((await service.finishedRun(runId)).batches[0]?.counts.records).toBe(RECORDS)
  // Also what was still going on when the stop had returned would have failed by now.
  expect(lines.filter(({ level }) => level !== 'info')).toEqual([])
})
