import { sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { MIGRATIONS } from '../../migrations/index.ts'
import type { Database } from './database.ts'

/** The schema cannot be brought to the state that this program needs; the message says what to do. */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem'
}

/**
 * Brings the schema up to date; nothing may listen before it returns. Several processes may start at once: kysely's
 * migrator holds an advisory lock. A schema made by a newer program is refused. Answers the migrations that it applied.
 */
export async function migrate(db: Database): Promise<string[]> {
  await refuseOldServer(db)
  await refuseNewerSchema(db)
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } })
  // `migrateToLatest` reports a failure instead of throwing it.
  const { error, results = [] } = await migrator.migrateToLatest()
  if (!error) return results.map(({ migrationName }) => migrationName)
  const failed = results.find((result) => result.status === 'Error')?.migrationName
  throw new SchemaProblem(
    failed
      ? `The database could not be migrated: ${failed} failed and was rolled back.`
      : 'The database could not be migrated.',
    { cause: error },
  )
}

/**
 * Makes the schema that these migrations make, in an empty database and within the transaction `tx`. Throws `SchemaProblem`
 * where this program does not know all of them.
 */
export async function migrateTo(tx: Database, names: readonly string[]): Promise<void> {
  await refuseOldServer(tx)
  const unknown = names.filter((name) => !(name in MIGRATIONS))
  if (unknown.length > 0)
    throw new SchemaProblem(
      `The backup was made by a newer program (${unknown.join(', ')}): restore it with that version.`,
    )
  const wanted = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => names.includes(name)))
  const { error } = await new Migrator({ db: tx, provider: { getMigrations: async () => wanted } }).migrateToLatest()
  if (error) throw error
}

const OLDEST_SERVER = 150_000

async function refuseOldServer(db: Database): Promise<void> {
  const { rows } = await sql<{ version: string }>`select current_setting('server_version_num') as version`.execute(db)
  const version = Number(rows[0]?.version)
  if (version < OLDEST_SERVER)
    throw new SchemaProblem(
      `PostgreSQL ${Math.floor(version / 10_000)} is too old: DATABASE_URL must lead to PostgreSQL 15 or later.`,
    )
}

/** For what works beside the service: neither an older nor a newer schema is touched. */
export async function requireSchema(db: Database): Promise<void> {
  const applied = await refuseNewerSchema(db)
  if (Object.keys(MIGRATIONS).some((name) => !applied.includes(name)))
    throw new SchemaProblem(
      'The database is not at the state of this program: start the service first, which migrates it.',
    )
}

/** Answers the migrations that were applied. */
async function refuseNewerSchema(db: Database): Promise<string[]> {
  const { rows } = await sql<{
    present: boolean
  }>`select to_regclass('kysely_migration') is not null as present`.execute(db)
  if (!rows[0]?.present) return []
  const applied = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const names = applied.rows.map((row) => row.name)
  const unknown = names.filter((name) => !(name in MIGRATIONS))
  if (unknown.length > 0)
    throw new SchemaProblem(
      `The database was migrated by a newer program (${unknown.join(', ')}): start that version, or restore the backup made before it.`,
    )
  return names
}
