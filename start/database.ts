import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { type DatabasePool, openDatabase } from '../store/postgres/database.ts'
import { isDatabaseAway } from '../store/postgres/database-errors.ts'
import { migrate, SchemaProblem } from '../store/postgres/migrate.ts'
import { prepareRoles, type Roles } from '../store/postgres/roles.ts'
import { openWall, type Wall } from '../store/postgres/row-security.ts'
import { trimAudit, trimAuditDaily } from '../store/trim-audit.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { databaseProblem } from './problems.ts'
import type { Stop } from './stops.ts'

/** Connections that one process opens for what people ask for. */
const WEB_CONNECTIONS = 10
/** For what is short: logins, leases, the ledger of uploads, mail. Nothing that reads a file may hold one of them. */
const SHORT_CONNECTIONS = 12
/** Dry runs at the same time, each on a connection. */
export const CHECKS_AT_ONCE = 2
/** Runs that one process works on at once, beside the one of small files. */
export const IMPORTS_AT_ONCE = Math.min(availableParallelism(), 16)

/** The database of a started service: only imports and checks get a pool, whose connections they may hold for long. */
export interface ServiceDatabase extends Pick<DatabasePool, 'db' | 'newClient' | 'processName'> {
  wall: Wall
  importPool: pg.Pool
  checkPool: pg.Pool
}

/**
 * The schema is changed as the user of DATABASE_URL; everything after that is done with fewer rights. What is opened is put
 * on `stops`, to be closed in reverse. Throws `StartProblem` or `SchemaProblem` where the database cannot be used.
 */
export async function openAndMigrate(
  config: Config,
  secret: Buffer,
  log: Log,
  stops: Stop[],
): Promise<ServiceDatabase> {
  const embedded = config.DATABASE_URL ? null : await startEmbeddedPostgres(config.DATA_DIR, log)
  if (embedded) stops.push(() => embedded.stop())
  const address = embedded?.address ?? { url: config.DATABASE_URL as string }
  const roles = await prepare(openDatabase(address, log, { size: 2 }), log, embedded)
  stops.push(trimAuditDaily(() => openDatabase(address, log, { size: 1 }), log))
  const { db, newClient, processName, close } = openDatabase(address, log, {
    size: SHORT_CONNECTIONS,
    role: roles.run,
    secret,
  })
  stops.push(close)
  const poolOf = (size: number, role: string | null) => {
    const opened = openDatabase(address, log, { size, role, processName, secret })
    stops.push(() => opened.close())
    return opened
  }
  const { pool: importPool } = poolOf(IMPORTS_AT_ONCE + 1, roles.run)
  const { pool: checkPool } = poolOf(CHECKS_AT_ONCE, roles.run)
  const wall = openWall(openDatabase(address, log, { size: WEB_CONNECTIONS, role: roles.web, processName, secret }))
  stops.push(() => wall.close())
  return { db, newClient, processName, wall, importPool, checkPool }
}

async function prepare({ db, close }: DatabasePool, log: Log, embedded: EmbeddedPostgres | null): Promise<Roles> {
  try {
    for (const migration of await whenReachable(() => migrate(db), log))
      log.info({ migration }, 'the database was migrated')
    await trimAudit(db)
    return await prepareRoles(db, log)
  } catch (error) {
    if (error instanceof SchemaProblem) throw error
    throw databaseProblem(error, embedded?.logFile ?? null)
  } finally {
    await close()
  }
}

/** PostgreSQL may be starting beside us, and then refuses for a while. */
const DATABASE_PATIENCE_MS = 5_000
const DATABASE_RETRY_MS = 500

async function whenReachable<T>(work: () => Promise<T>, log: Log): Promise<T> {
  const until = Date.now() + DATABASE_PATIENCE_MS
  for (;;)
    try {
      return await work()
    } catch (error) {
      if (!isDatabaseAway(error) || Date.now() > until) throw error
      log.warn({ reason: (error as Error).message }, 'the database cannot be reached yet; trying again')
      await setTimeout(DATABASE_RETRY_MS)
    }
}
