import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { TestProject } from 'vitest/node'
import { createLog, type Log } from '../../../log.ts'
import { type EmbeddedAddress, type EmbeddedPostgres, startEmbeddedPostgres } from '../../../start/embedded-postgres.ts'
import { openDatabase } from '../../../store/postgres/database.ts'
import { migrate } from '../../../store/postgres/migrate.ts'
import { prepareRoles } from '../../../store/postgres/roles.ts'
import { TEMPLATE } from '../database.ts'
import { buildPrograms } from './build-programs.ts'
import { testsFolder } from './tests-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: EmbeddedAddress
    /** A DATA_DIR of an embedded PostgreSQL that has started once and was stopped: `usedDataDir` copies it. */
    usedDataDir: string
    /** The folder with the compiled programs. */
    programs: string
  }
}

/** It is thrown away after the tests, so that nothing needs to reach the disk. */
const NOT_DURABLE = ['fsync = off', 'synchronous_commit = off', 'full_page_writes = off']

/**
 * One PostgreSQL for all tests, with a migrated template from which each test file clones its own database, and the programs
 * that tests start as processes, compiled once.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLog('warn')
  const folder = await testsFolder()
  // Test files inherit it: what they leave there goes with the folder.
  process.env.TMPDIR = folder
  const programs = join(folder, 'programs')
  const usedDataDir = join(folder, 'used')
  const built = buildPrograms(programs).then(
    () => null,
    (error: Error) => error,
  )
  const postgres = await startPostgres(folder, usedDataDir, log)
  const end = async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const notBuilt = await built
  if (notBuilt) {
    await end()
    throw notBuilt
  }
  project.provide('postgres', postgres.address)
  project.provide('usedDataDir', usedDataDir)
  project.provide('programs', programs)
  project.onTestsRerun(() => buildPrograms(programs))
  return end
}

async function startPostgres(folder: string, usedDataDir: string, log: Log): Promise<EmbeddedPostgres> {
  await startEmbeddedPostgres(usedDataDir, log).then(({ stop }) => stop())
  const dataDir = join(folder, 'shared')
  await promisify(execFile)('cp', ['-a', usedDataDir, dataDir])
  const postgres = await startEmbeddedPostgres(dataDir, log)
  try {
    const main = openDatabase(postgres.address, log)
    for (const setting of NOT_DURABLE) await sql`alter system set ${sql.raw(setting)}`.execute(main.db)
    await sql`select pg_reload_conf()`.execute(main.db)
    await sql`create database ${sql.id(TEMPLATE)}`.execute(main.db)
    await main.close()
    const template = openDatabase({ ...postgres.address, database: TEMPLATE }, log)
    await migrate(template.db)
    await prepareRoles(template.db, log)
    await template.close()
    return postgres
  } catch (error) {
    await postgres.stop()
    throw error
  }
}
