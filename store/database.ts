import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Log } from '../log.ts'
import type { Tables } from './tables.ts'

/** All queries of the service go through one of these; a transaction is one too. */
export type Database = Kysely<Tables>

/** Where PostgreSQL is: a URL, or the socket folder of the embedded one. */
export type DatabaseAddress = { url: string } | { socketFolder: string; database: string }

/** The pool that the queries of `db` use; COPY needs a bare client of it. */
export interface DatabasePool {
  readonly db: Database
  readonly pool: pg.Pool
  close(): Promise<void>
}

const INT8 = 20
const DATE = 1082

/** bigint counts bytes and records here, all far below 2^53; what may use all 64 bits (a hash) is selected as text. */
const types = new pg.TypeOverrides()
types.setTypeParser(INT8, (text: string) => {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
})
// A local date stays the text that it is; a Date would shift it by the zone of this process.
types.setTypeParser(DATE, (text: string) => text)

/** Opens the pool; no connection is made before the first query. */
export function openDatabase(address: DatabaseAddress, log: Log, size = 20): DatabasePool {
  const pool = new pg.Pool({
    ...('url' in address
      ? { connectionString: address.url }
      : { host: address.socketFolder, database: address.database, user: 'postgres' }),
    types,
    max: size,
    connectionTimeoutMillis: 10_000,
    application_name: 'rosterport',
  })
  // A connection that breaks while idle must not end the process; the next query opens another.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}
