import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { type Database, openDatabase } from '../store/postgres/database.ts'
import { requireSchema, SchemaProblem } from '../store/postgres/migrate.ts'
import { connectEmbeddedPostgres, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { databaseProblem, StartProblem } from './problems.ts'

/** The database of a service that was started before, for a command beside it. */
export interface ExistingDatabase {
  readonly db: Database
  /** Leaves everything as it was found: a PostgreSQL that was started for the command ends with it. */
  close(): Promise<void>
}

/** Neither makes nor migrates anything. Works while the service runs and while it does not. */
export async function openExisting(config: Config, log: Log): Promise<ExistingDatabase> {
  const embedded = config.DATABASE_URL ? null : await embeddedPostgres(config, log)
  const database = openDatabase(embedded?.address ?? { url: config.DATABASE_URL as string }, log, { size: 1 })
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
  return { db: database.db, close }
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
