import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { databaseProblem, StartProblem } from '../start-problems.ts'
import { type Database, type DatabaseAddress, openDatabase } from '../store/database.ts'
import { startEmbeddedPostgres } from '../store/embedded-postgres.ts'
import { requireSchema, SchemaProblem } from '../store/migrate.ts'

/** The database of a service that was started before, for a command beside it. */
export interface ExistingDatabase {
  readonly db: Database
  /** Leaves everything as it was found: a PostgreSQL that was started for the command ends with it. */
  close(): Promise<void>
}

/** Neither makes nor migrates anything. Works while the service runs and while it does not. */
export async function openExisting(config: Config, log: Log): Promise<ExistingDatabase> {
  const { address, end } = config.DATABASE_URL
    ? { address: { url: config.DATABASE_URL }, end: async () => {} }
    : await embedded(join(config.DATA_DIR, 'postgres'), log)
  const database = openDatabase(address, log, { size: 1 })
  const close = async () => {
    await database.close()
    await end()
  }
  try {
    await requireSchema(database.db)
  } catch (error) {
    await close()
    throw error instanceof SchemaProblem ? error : databaseProblem(error)
  }
  return { db: database.db, close }
}

async function embedded(folder: string, log: Log): Promise<{ address: DatabaseAddress; end: () => Promise<void> }> {
  const cluster = join(folder, 'cluster', 'PG_VERSION')
  await stat(cluster).catch((cause) => {
    throw new StartProblem(
      `There is no database below ${folder}: set DATA_DIR or DATABASE_URL as for the service, which makes its database at its first start.`,
      { cause },
    )
  })
  const { address, joined, stop } = await startEmbeddedPostgres(folder, log)
  return { address, end: joined ? async () => {} : stop }
}
