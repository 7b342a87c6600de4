import { expect, test } from 'vitest'
import {
  batchResultText,
  emptyWindowText,
  supersededText,
  uploadResultText,
} from '../../../ingest/results/result-text.ts'
import { emptyWindowPath, rejectedRecordsPaths, resultPath } from '../../../model/result-names.ts'
import type { Batch } from '../../../model/run.ts'
import { nameOf, teamPath } from '../../../model/team-path.ts'

const counts = { records: 3, created: 1, updated: 1, unchanged: 0, rejected: 1, superseded: 0 }
const batch: Batch = {
  ...{ id: 'b', state: 'imported_with_errors', path: '/in/a.csv', fileName: 'a.csv', bytes: 99, sha256: 'ab' },
  ...{ receivedAt: '2026-11-22T08:00:11.000Z', startedAt: null, finishedAt: '2026-11-22T08:04:12.000Z' },
  ...{ settingsVersion: 1, counts: { ...counts, imported: 2, optedOut: 0, optedIn: 0 }, errorsKept: 1 },
  ...{ warnings: {}, problem: null, held: null, afterImport: null, recap: null },
  ...{ undoableUntil: null, undo: null, undone: null },
}
const facts = { batch, run: 7, errors: [], rejectedRecords: null }
const firstLines = (text: string) => text.split('\r\n').slice(0, 2)

test('an import with errors is told with its repair and the file of its rejected records', () => {
  const errors = [{ code: 'E_MOBILE_INVALID', field: 'Mobile Number', records: 1 } as const]
  const text = batchResultText({ ...facts, errors, rejectedRecords: 'a_errors.csv' })
  expect(firstLines(text)).toEqual([
    'imported_with_errors records=3 imported=2 created=1 updated=1 unchanged=0 rejected=1 superseded=0',
    'a.csv: 2 of 3 records imported; 1 had an error.',
  ])
  expect(text).toContain('(E_MOBILE_INVALID)')
  expect(text).toContain('The rejected records are in a_errors.csv.')
  expect(text).toMatch(/\r\nRun: +7\r\n$/)
})

test('each end of a file begins with its code and says what there is to do', () => {
  const problem = { code: 'F_EMPTY', message: 'The file is empty.' } as const
  const held = { findings: [], counts: { ...batch.counts, records: 9 }, samples: [], revision: 1 }
  const texts = [
    batchResultText({ ...facts, batch: { ...batch, state: 'rejected', problem } }),
    batchResultText({
      ...facts,
      batch: { ...batch, state: 'held', held: { ...held, decision: null, decidedBy: null } },
    }),
    batchResultText({
      ...facts,
      batch: { ...batch, state: 'held', held: { ...held, decision: 'discarded', decidedBy: 'dana@example.edu' } },
    }),
    uploadResultText('a.csv', { noRoom: null, startedAt: new Date(0), address: null }, 12),
    uploadResultText('a.csv', { noRoom: 'quota', startedAt: new Date(0), address: null }, null),
    emptyWindowText({ name: 'overnight', date: '2026-11-22' }, '/in', 'Stu'),
    supersededText('a.csv', { verdictReason: 'Run 3 held b.csv.', receivedAt: new Date(0), bytes: 9, sha256: null }),
  ]
  expect(texts.map((text) => text.split(/[ \r]/)[0])).toEqual([
    ...['rejected', 'held', 'discarded', 'incomplete', 'no_room', 'no_file', 'superseded'],
  ])
  expect(texts[0]).toContain('The file is empty.')
  expect(texts[1]).toContain('records=9 imported=0')
  expect(texts[5]).toContain('passed without a file whose name begins with "Stu" in /in.')
})

test('no value begins a line of its own', () => {
  const problem = { code: null, message: 'bad\r\nimported records=1' }
  const text = batchResultText({ ...facts, batch: { ...batch, state: 'rejected', problem } })
  expect(text).not.toMatch(/^imported/m)
})

test('names of any length and form stay names, and stay apart', () => {
  const results = { path: teamPath('/results'), rejectedRecords: true }
  const comma = { file: { delimiter: 'comma', namePrefix: 'é'.repeat(120) } } as Parameters<
    typeof rejectedRecordsPaths
  >[2]
  const longest = `${'é'.repeat(125)}.csv`
  const paths = [
    resultPath(results, longest),
    resultPath(results, `a${longest.slice(1)}`),
    emptyWindowPath(results, comma, { name: 'overnight', date: '2026-11-22' }),
    ...rejectedRecordsPaths(results, longest, comma),
    ...rejectedRecordsPaths(results, 'no extension', comma),
  ]
  for (const path of paths) expect(Buffer.byteLength(nameOf(path))).toBeLessThanOrEqual(255)
  expect(new Set(paths).size).toBe(paths.length)
  expect(paths[3]).toMatch(/_errors\.csv$/)
  expect(paths.slice(-9, -7)).toEqual(['/results/no extension_errors.csv', '/results/no extension_errors_2.csv'])
  expect(resultPath({ ...results, path: teamPath('/') }, 'a.csv')).toBe('/a.csv.txt')
})
