import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { PROPOSED_FIELDS } from '../../../ingest/proposing/name-signs.ts'
import { proposeColumns } from '../../../ingest/proposing/propose-columns.ts'
import { HEADERS } from './headers.ts'
import { sampledHeader } from './sampled-header.ts'

const CRITICAL = ['contactId', 'mobileNumber', 'optOut'] as const

test('of the headers of student information systems the first proposal is right in 95 %, and none is confident and wrong', () => {
  const table: Record<
    string,
    { right: number; of: number; present: number; confident: number; confidentWrong: number }
  > = {}
  const wrong: string[] = []
  const confidentWrong: string[] = []
  for (const [title, line] of Object.entries(HEADERS)) {
    const { columns, right, words } = sampledHeader(line)
    const proposals = proposeColumns(columns)
    for (const field of PROPOSED_FIELDS) {
      const told = `${title}: ${field} is ${right[field] ?? 'absent'}, proposed ${proposals[field]?.column ?? 'none'}`
      table[field] ??= { right: 0, of: 0, present: 0, confident: 0, confidentWrong: 0 }
      const isRight =
        proposals[field]?.column === right[field] &&
        (field !== 'optOut' || !words || isDeepStrictEqual(proposals.optOutWords, words))
      const isConfident = proposals[field]?.confidence === 'confident'
      table[field].of++
      if (right[field] !== undefined) table[field].present++
      if (isRight) table[field].right++
      else wrong.push(told)
      if (isConfident) table[field].confident++
      if (isConfident && !isRight) {
        table[field].confidentWrong++
        confidentWrong.push(told)
      }
    }
  }
  console.table(table)
  if (wrong.length > 0) console.log(`Wrong or none:\n${wrong.join('\n')}`)
  expect(Object.keys(HEADERS).length).toBeGreaterThanOrEqual(60)
  expect(confidentWrong).toEqual([])
  for (const field of CRITICAL) expect(table[field]?.confidentWrong).toBe(0)
  for (const [field, { right, of, present, confident }] of Object.entries(table)) {
    expect(right / of, field).toBeGreaterThanOrEqual(0.95)
    // Never to be confident would be easy.
    expect(confident / present, field).toBeGreaterThan(0.5)
  }
})
