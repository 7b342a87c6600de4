import { randomUUID } from 'node:crypto'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Log } from '../../log.ts'
import { PORT } from './embedded/socket-folder.ts'
import { numberKeySettings } from './number-key.ts'
import { PreparingClient } from './prepared.ts'
import type { Tables } from './tables.ts'

/** All queries of the service go through one of these; a transaction is one too. */
export type Database = Kysely<Tables>

/** Where PostgreSQL is: a URL, or the socket folder of the embedded one. */
export type DatabaseAddress = { url: string } | { socketFolder: string; database: string; password: string }

/** The pool that the queries of `db` use; COPY needs a bare client of it. */
export interface DatabasePool {
  readonly db: Database
  readonly pool: pg.Pool
  /** The name of its connections: as long as one is open, this process is alive. */
  readonly processName: string
  /** A connection outside the pool, to listen on; not yet connected. */
  newClient(): pg.Client
  close(): Promise<void>
}

/** A process that freezes in a short transaction may keep its locks from the others for so long. */
const ASLEEP_SECONDS = 25

/** Begins a transaction that may wait long for what it is to write; one that imports is ended by the process that takes its run over. */
const BEGIN_LONG = 'begin; set local idle_in_transaction_session_timeout = 0'

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

export interface PoolOptions {
  /** Connections at most. */
  size?: number
  /** As whom its connections work; otherwise as the user that they connect as. */
  role?: string | null
  /** The name of the process, where it has another pool already. */
  processName?: string
  /** The secret of the installation: numbers that opted out are kept under it. Without it none can be kept or found. */
  secret?: Buffer
}

/** Opens the pool; no connection is made before the first query. */
export function openDatabase(
  address: DatabaseAddress,
  log: Log,
  { size = 20, role = null, processName = `rosterport/${randomUUID()}`, secret }: PoolOptions = {},
): DatabasePool {
  const connection = {
    ...('url' in address
      ? { connectionString: address.url }
      : {
          host: address.socketFolder,
          port: PORT,
          database: address.database,
          user: 'postgres',
          password: address.password,
          ssl: false,
        }),
    types,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: processName,
  }
  const pool = new pg.Pool({
    ...connection,
    Client: PreparingClient,
    max: size,
    onConnect: (client) =>
      client.query(
        [
          `set idle_in_transaction_session_timeout = '${ASLEEP_SECONDS}s'`,
          ...(secret ? [numberKeySettings(secret)] : []),
          ...(role === null ? [] : [`set role ${pg.escapeIdentifier(role)}`]),
        ].join('; '),
      ),
  })
  // A connection that breaks while idle must not end the process; the next query opens another.
  // The error carries the whole client, so only its words are logged. A pool says that it has ended while its connections
  // still close; a server that ends in that moment may come first.
  pool.on('error', ({ message }) => {
    if (!pool.ending) log.warn({ reason: message }, 'idle database connection lost')
  })
  // One that breaks between two statements of a transaction has no other listener; the next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, processName, newClient: () => new pg.Client(connection), close: () => db.destroy() }
}

/**
 * Typed queries on one connection, for a transaction that also speaks COPY. The holder of the
 * connection begins, ends and releases it.
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

/**
 * Runs `work` in one transaction on one connection, with COPY at hand. Any error rolls all of it back and rises. `signal`
 * ends the connection at once, even in the middle of a long statement. `rollback` discards all changes.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, tx: Database) => Promise<T>,
  signal?: AbortSignal,
  end: 'commit' | 'rollback' = 'commit',
): Promise<T> {
  signal?.throwIfAborted()
  const client = await pool.connect()
  let broken: Error | undefined
  const cut = () => {
    endBackend(pool, client)
    // Ends the socket too while a statement is under way.
    ;(client as unknown as pg.Client).end().catch(() => {})
  }
  signal?.addEventListener('abort', cut, { once: true })
  try {
    await client.query(BEGIN_LONG)
    const result = await work(client, onConnection(client))
    signal?.throwIfAborted()
    await client.query(end)
    return result
  } catch (error) {
    // A connection whose rollback fails must not go back to the pool.
    await client.query('rollback').catch((cause: Error) => {
      broken = cause
    })
    throw error
  } finally {
    signal?.removeEventListener('abort', cut)
    client.release(broken ?? signal?.aborted)
  }
}

/** Without this the server goes on with the statement of a closed connection to its end, and keeps its locks as long. */
function endBackend(pool: pg.Pool, client: pg.PoolClient): void {
  const { processID } = client as unknown as { processID: number | null }
  if (processID === null) return
  // The role that the pool works as may not end what its user began, so the user does.
  const user = new pg.Client(pool.options)
  user
    .connect()
    .then(() => user.query('select pg_terminate_backend($1)', [processID]))
    // A database that cannot be reached has nothing to end either.
    .catch(() => {})
    .finally(() => user.end().catch(() => {}))
}
