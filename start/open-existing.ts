import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { occupiedBy } from '../store/backup/load.ts'
import { type Database, type DatabasePool, openDatabase } from '../store/postgres/database.ts'
import { requireSchema, SchemaProblem } from '../store/postgres/migrate.ts'
import { connectEmbeddedPostgres, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { databaseProblem, StartProblem } from './problems.ts'

/** A backup reads at one moment, and looks at what has happened since. */
const CONNECTIONS = 2

/** The database of a service that was started before, for a command beside it. */
export interface ExistingDatabase {
  readonly db: Database
  readonly pool: DatabasePool['pool']
  /** Leaves everything as it was found: a PostgreSQL that was started for the command ends with it. */
  close(): Promise<void>
}

/** Neither makes nor migrates anything. Works while the service runs and while it does not. */
export async function openExisting(config: Config, log: Log): Promise<ExistingDatabase> {
  const embedded = config.DATABASE_URL ? null : await embeddedPostgres(config, log)
  const database = openDatabase(embedded?.address ?? { url: config.DATABASE_URL as string }, log, { size: CONNECTIONS })
  const close = async () => {
    await database.close()
    await embedded?.stop()
  }
  try {
    await requireSchema(database.db)
  } catch (error) {
    await close()
    throw error instanceof SchemaProblem ? error : databaseProblem(error, embedded?.logFile ?? null)
  }
  return { db: database.db, pool: database.pool, close }
}

/** For a backup with these tables, whose database has none of them; the embedded one is made where there is none. */
export async function openEmpty(config: Config, log: Log, tables: readonly string[]): Promise<ExistingDatabase> {
  const embedded = config.DATABASE_URL ? null : await startEmbeddedPostgres(config.DATA_DIR, log)
  const address = embedded?.address ?? { url: config.DATABASE_URL as string }
  const { db, pool, close } = openDatabase(address, log, { size: CONNECTIONS })
  const closeBoth = async () => {
    await close()
    await embedded?.stop()
  }
  try {
    const occupied = await occupiedBy(db, tables).catch((error) => {
      throw databaseProblem(error, embedded?.logFile ?? null)
    })
    if (occupied)
      throw new StartProblem(
        `The database is in use (it has the table ${occupied}): set DATABASE_URL to an empty one for the restore.`,
      )
    return { db, pool, close: closeBoth }
  } catch (error) {
    await closeBoth()
    throw error
  }
}

/** That of the service where it runs; else its PostgreSQL is started for the command, and ends with it. */
async function embeddedPostgres({ DATA_DIR }: Config, log: Log): Promise<EmbeddedPostgres> {
  const folder = join(DATA_DIR, 'postgres')
  const running = await connectEmbeddedPostgres(DATA_DIR)
  if (running) return { address: running, logFile: join(folder, 'log'), stop: async () => {} }
  await stat(join(folder, 'cluster', 'PG_VERSION')).catch((cause) => {
    throw new StartProblem(
      `There is no database below ${folder}: set DATA_DIR or DATABASE_URL as for the service, which makes its database at its first start.`,
      { cause },
    )
  })
  return startEmbeddedPostgres(DATA_DIR, log)
}
