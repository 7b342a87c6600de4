import { expect, test } from 'vitest'
import { archivedName } from '../../../ingest/after-import/move.ts'

const cases = [
  {
    title: 'the date stands before the extension',
    name: 'StudentData.csv',
    attempt: 1,
    archived: 'StudentData_2026-11-22.csv',
  },
  {
    title: 'a taken name gets a number',
    name: 'StudentData.csv',
    attempt: 3,
    archived: 'StudentData_2026-11-22_3.csv',
  },
  {
    title: 'a name without an extension gets the date at its end',
    name: 'StudentData',
    attempt: 1,
    archived: 'StudentData_2026-11-22',
  },
  { title: 'only the last extension counts', name: 'a.b.csv', attempt: 2, archived: 'a.b_2026-11-22_2.csv' },
  { title: 'a leading dot begins no extension', name: '.data', attempt: 1, archived: '.data_2026-11-22' },
]
for (const { title, name, attempt, archived } of cases)
  test(title, () => expect(archivedName(name, '2026-11-22', attempt)).toBe(archived))

test('a name that would be too long is shortened at a whole character', () => {
  const archived = archivedName(`${'é'.repeat(125)}.csv`, '2026-11-22', 1)
  expect(Buffer.byteLength(archived)).toBeLessThanOrEqual(255)
  expect(archived).toMatch(/^é+_2026-11-22\.csv$/)
})
