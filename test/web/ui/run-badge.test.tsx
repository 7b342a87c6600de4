import { expect, test } from 'vitest'
import { type Batch, type BatchState, NO_COUNTS, type Run, type RunState } from '../../../model/run.ts'
import { RunBadge } from '../../../web/ui/components/run-badge.tsx'

function badgeOf(state: RunState, batches: readonly BatchState[]): string {
  const counts = { ...NO_COUNTS, records: 2, imported: 2, created: 2 }
  const run = { state, batches: batches.map((of) => ({ state: of, counts }) as Batch) } as Run
  return String(<RunBadge run={run} />)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

test('a run of several files says how many were imported, as long as some were not', () => {
  expect(badgeOf('rejected', ['imported', 'rejected'])).toContain('1 of 2 files imported')
  expect(badgeOf('held', ['imported_with_errors', 'imported', 'held'])).toContain('2 of 3 files imported')
  expect(badgeOf('imported', ['imported', 'imported'])).toContain('Imported')
  expect(badgeOf('rejected', ['rejected', 'rejected'])).toContain('Not imported')
  expect(badgeOf('running', ['imported', 'parsing'])).toContain('Running')
})
