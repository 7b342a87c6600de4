import pg from 'pg'
import { expect, test } from 'vitest'
import { createLog } from '../log.ts'

test('of an error of PostgreSQL the log holds what happened, and not the values that it stumbled over', () => {
  const lines: string[] = []
  const error = Object.assign(new pg.DatabaseError('duplicate key value violates a constraint', 1, 'error'), {
    code: '23505',
    detail: 'Key (contact_id)=(P-900417) already exists.',
    where: 'COPY stage, line 3: "Zebulon"',
  })
  createLog('debug', { write: (line) => void lines.push(line) }).error({ err: error }, 'request failed')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { message: error.message, code: '23505' } })
  expect(lines[0]).not.toMatch(/P-900417|Zebulon/)
})
