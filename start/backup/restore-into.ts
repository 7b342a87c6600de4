import { createReadStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Contents, TABLES } from '../../files/backup/archive.ts'
import { putBack, RESTORING, takeBack } from '../../files/backup/put-back.ts'
import type { Log } from '../../log.ts'
import { loadTables } from '../../store/backup/load.ts'
import type { DatabasePool } from '../../store/postgres/database.ts'
import { migrate } from '../../store/postgres/migrate.ts'
import { prepareRoles } from '../../store/postgres/roles.ts'
import { orExplained } from './explained.ts'

export interface RestoreParts {
  database: Pick<DatabasePool, 'db' | 'pool'>
  dataDir: string
  folder: string
  log: Log
}

/** Puts a backup that was read into a DATA_DIR and a database that are empty: all of it, or nothing. */
export async function restoreInto({ database, dataDir, folder, log }: RestoreParts, contents: Contents): Promise<void> {
  await orExplained(dataDir, async () => {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(join(dataDir, RESTORING), 'Empty this folder and the database, and restore again.\n', {
      flag: 'wx',
    })
  })
  try {
    await orExplained(dataDir, () => putBack(folder, contents, dataDir))
    await orExplained('The database', () =>
      loadTables(database.pool, {
        ...contents,
        contentOf: (table) => createReadStream(join(folder, TABLES, `${table}.copy`)),
      }),
    )
  } catch (error) {
    await takeBack(contents, dataDir)
    await rm(join(dataDir, RESTORING), { force: true })
    throw error
  }
  await rm(join(dataDir, RESTORING))
  await migrate(database.db)
  await prepareRoles(database.db, log)
}
