import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Database, inTransaction } from '../../../store/postgres/database.ts'
import { testDatabase } from '../../support/database.ts'

const { db, pool } = testDatabase()

const limit = async (tx: Database) => {
  const { rows } = await sql<{
    limit: string
  }>`select current_setting('idle_in_transaction_session_timeout') as limit`.execute(tx)
  return rows[0]?.limit
}

test('a short transaction that falls asleep gives its locks back, an import may take its time', async () => {
  expect(await db.transaction().execute(limit)).toBe('25s')
  expect(await inTransaction(pool, (_client, tx) => limit(tx))).toBe('0')
  expect(await db.transaction().execute(limit)).toBe('25s')
})
