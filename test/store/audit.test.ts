import { expect, test } from 'vitest'
import { createLog } from '../../log.ts'
import { audit, listAudit } from '../../store/audit.ts'
import { openDatabase } from '../../store/postgres/database.ts'
import { trimAuditDaily } from '../../store/trim-audit.ts'
import { testDatabase } from '../support/database.ts'

const { db, address } = testDatabase()
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

test('what is older than 400 days is ended each day, and nothing else', async () => {
  const aged = (days: number) => ({
    actor: 'x',
    actor_kind: 'system' as const,
    action: `${days} days`,
    at: new Date(Date.now() - days * 86_400_000),
  })
  await db
    .insertInto('audit')
    .values([aged(401), aged(399)])
    .execute()
  const log = createLog('silent')
  const stop = trimAuditDaily(() => openDatabase(address, log, { size: 1 }), log, 10)
  const kept = async () => (await db.selectFrom('audit').select('action').execute()).map(({ action }) => action)
  await expect.poll(kept, { interval: 10 }).not.toContain('401 days')
  await stop()
  expect(await kept()).toContain('399 days')
})
