import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { createLog } from '../log.ts'
import { type EmbeddedAddress, startEmbeddedPostgres } from '../start/embedded-postgres.ts'
import { type Database, openDatabase } from '../store/postgres/database.ts'
import { migrate } from '../store/postgres/migrate.ts'
import type { ImportMeasures } from './import-once.ts'
import { programBeside } from './program.ts'

const run = promisify(execFile)

export interface ImportDatabase {
  db: Database
  address: EmbeddedAddress
  /** Where the files to import are put. */
  folder: string
}

/** A PostgreSQL with one team, and a folder, for as long as `work` takes. */
export async function withImportDatabase<T>(work: (database: ImportDatabase) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-bench-'))
  const log = createLog('warn')
  const postgres = await startEmbeddedPostgres(folder, log)
  try {
    const { db, close } = openDatabase(postgres.address, log, { size: 2 })
    await migrate(db)
    for (const setting of ["max_wal_size = '8GB'", 'autovacuum = off', 'jit = off', "work_mem = '64MB'"])
      await sql.raw(`alter system set ${setting}`).execute(db)
    await sql`select pg_reload_conf()`.execute(db)
    await sql`insert into team (team, name, time_zone) values ('bench', 'Bench', 'UTC')`.execute(db)
    await sql`insert into team_user (team_id, staff_id, name, email)
      select 1, 'adv' || n, 'Advisor', 'advisor@example.edu' from generate_series(0, 199) n`.execute(db)
    const done = await work({ db, address: postgres.address, folder })
    await close()
    return done
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Imports a file of the folder in a process of its own; `fresh` begins without contacts. */
export async function importOnce(
  { db, folder }: ImportDatabase,
  file: string,
  fresh: boolean,
): Promise<ImportMeasures> {
  if (fresh) await sql`truncate contact`.execute(db)
  await settle(db, 'contact')
  const { stdout } = await run(process.execPath, [
    ...process.execArgv,
    programBeside('import-once'),
    ...[folder, file, '1'],
  ])
  return JSON.parse(stdout)
}

/** Every measurement begins with a table in the same state. */
export async function settle(db: Database, table: string): Promise<void> {
  await sql.raw(`vacuum analyze ${table}`).execute(db)
  await sql`checkpoint`.execute(db)
}
