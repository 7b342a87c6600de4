import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { TestProject } from 'vitest/node'
import { createLog } from '../../log.ts'
import { openDatabase } from '../../store/postgres/database.ts'
import { startEmbeddedPostgres } from '../../store/postgres/embedded-postgres.ts'
import { migrate } from '../../store/postgres/migrate.ts'
import { prepareRoles } from '../../store/postgres/roles.ts'
import { TEMPLATE } from './database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    socketFolder: string
  }
}

/** One PostgreSQL for all tests, with a migrated template from which each test file clones its own database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLog('warn')
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-test-'))
  const postgres = await startEmbeddedPostgres(folder, log)
  if (!('socketFolder' in postgres.address)) throw new Error('the embedded PostgreSQL listens on a socket')
  const { socketFolder } = postgres.address
  try {
    const main = openDatabase(postgres.address, log)
    await sql`create database ${sql.id(TEMPLATE)}`.execute(main.db)
    await main.close()
    const template = openDatabase({ socketFolder, database: TEMPLATE }, log)
    await migrate(template.db)
    await prepareRoles(template.db, log)
    await template.close()
  } catch (error) {
    await postgres.stop()
    throw error
  }
  project.provide('socketFolder', socketFolder)
  return async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
