import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, inject } from 'vitest'
import { createLog } from '../../log.ts'
import type { EmbeddedAddress } from '../../start/embedded-postgres.ts'
import { type DatabasePool, openDatabase } from '../../store/postgres/database.ts'
import { urlOf } from './database-url.ts'

export const TEMPLATE = 'rosterport_template'

/** Of the installation that tests work in. */
export const TEST_SECRET = Buffer.alloc(32, 'k')

export interface TestDatabase extends DatabasePool {
  readonly address: EmbeddedAddress
  /** As DATABASE_URL names it. */
  readonly url: string
}

/** A migrated database of the test file's own, there from its first test to its last. */
export function testDatabase(): TestDatabase {
  const name = `test_${randomBytes(6).toString('hex')}`
  const address = { ...inject('postgres'), database: name }
  const log = createLog('error')
  const own = openDatabase(address, log, { secret: TEST_SECRET })
  const onServer = async (work: (server: DatabasePool) => Promise<unknown>) => {
    const server = openDatabase(inject('postgres'), log, { size: 1 })
    await work(server)
    await server.close()
  }
  beforeAll(() => onServer(({ db }) => sql`create database ${sql.id(name)} template ${sql.id(TEMPLATE)}`.execute(db)))
  afterAll(async () => {
    await own.close()
    await onServer(({ db }) => sql`drop database ${sql.id(name)} with (force)`.execute(db))
  })
  return { ...own, address, url: urlOf(address) }
}
