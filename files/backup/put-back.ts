import { access, chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BackupProblem, type Contents, FILES } from './archive.ts'
import { copyFile } from './copy-file.ts'
import { CLUSTER_PASSWORD } from './tree-copy.ts'

/** Is in DATA_DIR while a restore is under way. */
export const RESTORING = 'restore-not-finished'

export async function isRestoring(dataDir: string): Promise<boolean> {
  return access(join(dataDir, RESTORING)).then(
    () => true,
    () => false,
  )
}

/** Refuses a DATA_DIR that holds anything of a service but its embedded PostgreSQL. */
export async function requireEmpty(dataDir: string): Promise<void> {
  const found: string[] = []
  for (const name of ['keys', 'outbox', 'teams']) {
    const names = await readdir(join(dataDir, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    if (names.some((inside) => `${name}/${inside}` !== CLUSTER_PASSWORD)) found.push(name)
  }
  if (await isRestoring(dataDir))
    throw new BackupProblem(
      `A restore into ${dataDir} was not finished: empty this folder and the database, and restore again.`,
    )
  if (found.length > 0)
    throw new BackupProblem(
      `${dataDir} is in use (it holds ${found.join(', ')}): set DATA_DIR to an empty folder for the restore.`,
    )
}

/** Puts the files of the backup in `folder` into DATA_DIR, with their modes and times. */
export async function putBack(folder: string, { files, folders }: Contents, dataDir: string): Promise<void> {
  for (const { path } of folders) await mkdir(join(dataDir, path), { recursive: true })
  for (const { path } of files) {
    await mkdir(dirname(join(dataDir, path)), { recursive: true })
    await copyFile(join(folder, FILES, path), join(dataDir, path))
  }
  for (const { path, mode } of folders.toReversed()) await chmod(join(dataDir, path), mode)
}

/** Takes back what `putBack` has put there. */
export async function takeBack({ files, folders }: Contents, dataDir: string): Promise<void> {
  for (const { path } of files) await rm(join(dataDir, path), { force: true })
  for (const { path } of folders.filter((one) => one.path !== 'keys'))
    await rm(join(dataDir, path), { recursive: true, force: true })
}
