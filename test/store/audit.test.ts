import { expect, test } from 'vitest'
import { audit, listAudit } from '../../store/audit.ts'
import { testDatabase } from '../support/database.ts'

const { db } = testDatabase()
const ACTOR = { name: 'dana@example.edu', kind: 'administrator', address: '192.0.2.1' } as const

test('secrets are masked wherever they stand', async () => {
  const details = { password: 'a', deep: { apiToken: 'b', list: [{ clientSecret: 'c' }], kept: 'd' } }
  await audit(db, ACTOR, { action: 'test', details })
  const { items } = await listAudit(db, 'all', { limit: 1 })
  expect(items[0]?.details).toEqual({
    password: '***',
    deep: { apiToken: '***', list: [{ clientSecret: '***' }], kept: 'd' },
  })
})

test('entries come newest first, page by page', async () => {
  for (const action of ['one', 'two', 'three']) await audit(db, ACTOR, { action })
  const first = await listAudit(db, 'all', { limit: 2 })
  expect(first.items.map((entry) => entry.action)).toEqual(['three', 'two'])
  const second = await listAudit(db, 'all', { limit: 1, after: Number(first.next) })
  expect(second.items.map((entry) => entry.action)).toEqual(['one'])
})
