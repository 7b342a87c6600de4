import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isRestoring } from '../files/backup/put-back.ts'
import { openKeys } from '../files/keys.ts'
import type { Log } from '../log.ts'
import { StartProblem } from './problems.ts'

/** Layout of DATA_DIR. */
export interface DataFolder {
  /** The virtual roots of the teams, one folder each. */
  readonly teamsFolder: string
  /** Certificate, host keys and secret of this installation. */
  readonly keysFolder: string
  /** The key under which passwords and form tokens are stored. */
  readonly secret: Buffer
}

/** Makes missing folders below `folder`, and closes it to other users of the machine. */
export async function openDataFolder(folder: string, log: Log): Promise<DataFolder> {
  const teamsFolder = join(folder, 'teams')
  const keysFolder = join(folder, 'keys')
  await makeFolder(folder, 0o700)
  await makeFolder(teamsFolder)
  if (!(await closeToOthers(folder)))
    log.warn({ folder }, 'DATA_DIR is open to every user of this machine and belongs to another one')
  if (await isRestoring(folder))
    throw new StartProblem(
      `A restore into ${folder} was not finished: empty this folder and the database, and restore again.`,
    )
  const { secret } = await openKeys(keysFolder)
  return { teamsFolder, keysFolder, secret }
}

async function makeFolder(folder: string, mode = 0o750): Promise<void> {
  try {
    await makeWithParents(resolve(folder), mode)
  } catch (error) {
    throw new StartProblem(
      `The folder ${folder} cannot be made (${(error as NodeJS.ErrnoException).code}): set DATA_DIR to a folder that this user can write to.`,
      { cause: error },
    )
  }
}

/** Level by level: the recursive mkdir of Node never returns where a parent that is there takes no folders, such as /proc. */
async function makeWithParents(folder: string, mode: number): Promise<void> {
  if (await isFolder(folder)) return
  if (dirname(folder) !== folder) await makeWithParents(dirname(folder), mode)
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    // Another process may have made it at the same moment.
    if (!(await isFolder(folder))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}

/**
 * Closes a folder that holds personal data to users of the machine other than its owner and group. Whom the operator lets in
 * by the group stays in. Answers false where the folder belongs to somebody else.
 */
async function closeToOthers(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & 0o007) === 0) return true
  return chmod(folder, mode & 0o7770).then(
    () => true,
    () => false,
  )
}
