import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { TestProject } from 'vitest/node'
import { createLog } from '../../log.ts'
import { type EmbeddedAddress, startEmbeddedPostgres } from '../../start/embedded-postgres.ts'
import { openDatabase } from '../../store/postgres/database.ts'
import { migrate } from '../../store/postgres/migrate.ts'
import { prepareRoles } from '../../store/postgres/roles.ts'
import { TEMPLATE } from './database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: EmbeddedAddress
  }
}

/** One PostgreSQL for all tests, with a migrated template from which each test file clones its own database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLog('warn')
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-test-'))
  // Test files inherit it: what they leave there goes with the folder.
  process.env.TMPDIR = folder
  const postgres = await startEmbeddedPostgres(folder, log)
  try {
    const main = openDatabase(postgres.address, log)
    await sql`create database ${sql.id(TEMPLATE)}`.execute(main.db)
    await main.close()
    const template = openDatabase({ ...postgres.address, database: TEMPLATE }, log)
    await migrate(template.db)
    await prepareRoles(template.db, log)
    await template.close()
  } catch (error) {
    await postgres.stop()
    throw error
  }
  project.provide('postgres', postgres.address)
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
