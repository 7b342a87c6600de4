import { mkdir, readdir, realpath, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { BackupProblem, type Contents, FILES, TABLES, writeContents } from '../../files/backup/archive.ts'
import { writeWhole } from '../../files/backup/copy-file.ts'
import { TreeCopy } from '../../files/backup/tree-copy.ts'
import {
  type NeededFile,
  type Snapshot,
  type Whereabouts,
  whereabouts,
  withSnapshot,
} from '../../store/backup/snapshot.ts'
import type { ExistingDatabase } from '../open-existing.ts'
import { orExplained } from './explained.ts'

/** Each takes up only what has changed since the one before. */
const ATTEMPTS = 20

export interface BackupParts {
  database: Pick<ExistingDatabase, 'db' | 'pool'>
  dataDir: string
  folder: string
  now: Date
}

/**
 * Copies the files first, then takes a snapshot of the tables and lets the files catch up with it. A file that the snapshot
 * knows as present may have been imported and moved in between: it is taken from where it went. If it was deleted, there is
 * another attempt, with a new snapshot.
 */
export async function backUp(parts: BackupParts): Promise<Contents> {
  const { dataDir, folder } = parts
  await makeTarget(dataDir, folder)
  try {
    return await attempts(parts, new TreeCopy(dataDir, join(folder, FILES)))
  } catch (error) {
    for (const name of await readdir(folder).catch(() => []))
      await rm(join(folder, name), { recursive: true, force: true })
    throw error
  }
}

async function attempts({ database, folder, now }: BackupParts, copy: TreeCopy): Promise<Contents> {
  await orExplained(folder, () => copy.catchUp())
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const made = await withSnapshot(database.pool, async (snapshot) => {
      const needed = await snapshot.needed()
      await orExplained(folder, () => copy.catchUp())
      for (const file of needed) if (!(await isKept(file, copy, (id) => whereabouts(database.db, id)))) return null
      return orExplained(folder, async () => ({
        madeAt: now.toISOString(),
        migrations: await snapshot.migrations(),
        tables: await copyTables(snapshot, join(folder, TABLES)),
        sequences: await snapshot.sequences(),
        ...(await copy.finish(new Set(needed.map(({ path }) => `teams/${path}`)))),
      }))
    })
    if (!made) continue
    await orExplained(folder, () => writeContents(folder, made))
    return made
  }
  throw new BackupProblem('Files were imported and deleted faster than they could be copied: try again later.')
}

/** The copy has the file that the snapshot speaks of, or somebody has removed it since. */
async function isKept(
  { path, sha256, uploadId }: NeededFile,
  copy: TreeCopy,
  lookUp: (uploadId: string) => Promise<Whereabouts>,
): Promise<boolean> {
  const fits = () => {
    const kept = copy.get(`teams/${path}`)
    return kept !== undefined && (sha256 === null || kept.sha256 === sha256)
  }
  if (fits()) return true
  if (uploadId === null) return false
  const { gone, afterImport } = await lookUp(uploadId)
  if (!afterImport) return gone
  return afterImport.path !== null && (await copy.takeFrom(`teams/${afterImport.path}`, `teams/${path}`)) && fits()
}

async function copyTables(snapshot: Snapshot, folder: string): Promise<Contents['tables']> {
  await mkdir(folder, { mode: 0o700 })
  const tables: Contents['tables'] = []
  for await (const { name, columns, content } of snapshot.tables()) {
    const copied = await writeWhole(content, join(folder, `${name}.copy`))
    tables.push({ name, columns, rows: content.rowCount, ...copied })
  }
  return tables
}

async function makeTarget(dataDir: string, folder: string): Promise<void> {
  if (!relative(await realpath(dataDir), await nearest(folder)).startsWith('..'))
    throw new BackupProblem(`${folder} is in DATA_DIR, which is what is backed up: choose a folder outside of it.`)
  await orExplained(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }))
  if ((await orExplained(folder, () => readdir(folder))).length > 0)
    throw new BackupProblem(`${folder} is not empty: choose a new folder for each backup.`)
}

/** The real path of the folder, or of the nearest one above it that is there. */
async function nearest(folder: string): Promise<string> {
  return realpath(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || dirname(folder) === folder) throw error
    return nearest(dirname(folder))
  })
}
