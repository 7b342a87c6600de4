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

/** Opens the pool; no connection is made before the first query. Its connections work as `role`, if one is given. */
export function openDatabase(address: DatabaseAddress, log: Log, size = 20, role: string | null = null): DatabasePool {
  const pool = new pg.Pool({
    ...('url' in address
      ? { connectionString: address.url }
      : { host: address.socketFolder, database: address.database, user: 'postgres' }),
    types,
    max: size,
    connectionTimeoutMillis: 10_000,
    application_name: 'rosterport',
    ...(role !== null && { onConnect: (client) => client.query(`set role ${pg.escapeIdentifier(role)}`) }),
  })
  // A connection that breaks while idle must not end the process; the next query opens another.
  // The error carries the whole client, so only its words are logged.
  pool.on('error', ({ message }) => log.warn({ reason: message }, 'an idle database connection broke'))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}

/**
 * Typed queries on one connection, for a transaction that also speaks COPY. Beginning, ending and releasing stay with
 * whoever holds the connection.
 */
export function onConnection(client: pg.PoolClient): Database {
  const borrowed = new Proxy(client, {
    get: (target, key) => {
      if (key === 'release') return () => {}
      const value = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect: async () => borrowed, end: async () => {}, options: {} } }),
  })
}

/** Runs `work` in one transaction on one connection, with COPY at hand. Any error rolls all of it back and rises. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, tx: Database) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client, onConnection(client))
    await client.query('commit')
    return result
  } catch (error) {
    // A connection whose rollback fails must not go back to the pool.
    await client.query('rollback').catch((cause: Error) => {
      broken = cause
    })
    throw error
  } finally {
    client.release(broken)
  }
}
