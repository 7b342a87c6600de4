import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { notRun } from './not-run-reporter.ts'

const TESTS = join(import.meta.dirname, '../..')

test('tests that were not run are listed below their reason', () => {
  expect(
    notRun([
      { title: 'a.test.ts > one', reason: 'curl is not installed' },
      { title: 'b.test.ts > two', reason: 'no IPv6' },
      { title: 'c.test.ts > three', reason: 'curl is not installed' },
      { title: 'd.test.ts > filtered', reason: undefined },
    ]),
  ).toBe(
    [
      ' NOT RUN on this machine',
      '  curl is not installed:',
      '    a.test.ts > one',
      '    c.test.ts > three',
      '  no IPv6:',
      '    b.test.ts > two',
      '',
      '',
    ].join('\n'),
  )
})

test('nothing is said where every test was run', () => {
  expect(notRun([{ title: 'd.test.ts > filtered', reason: undefined }])).toBe('')
})

test('every test that may be skipped gives its reason, as the skip of its context does', () => {
  const files = globSync('**/*.ts', { cwd: TESTS, exclude: ['support/runner/not-run-reporter.test.ts'] })
  expect(files.length).toBeGreaterThan(100)
  const silent = files.filter((file) =>
    /\b(skipIf|runIf)\(|\b(test|it|describe)\.(skip|todo)\b|\bskip\([^,()]*\)/.test(
      readFileSync(join(TESTS, file), 'utf8'),
    ),
  )
  expect(silent).toEqual([])
})
