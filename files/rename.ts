import { constants } from 'node:fs'
import { link, open, rename, unlink } from 'node:fs/promises'
import type { TeamPath } from '../model/team-path.ts'
import { onDisk, problemOf } from './disk-problems.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

/** A crash in between leaves the file under both names. */
export async function moveWithoutReplacing(source: string, target: string, to: TeamPath): Promise<void> {
  if (await linked(source, target, to)) await onDisk(to, () => unlink(source))
  else await renameToTaken(source, target, to)
}

/** `link` refuses a taken name in one step, which `rename` does not. False on a file system without hard links. */
export async function linked(source: string, target: string, to: TeamPath): Promise<boolean> {
  try {
    await link(source, target)
    return true
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw problemOf(error, to)
  }
}

/** Without hard links: the name is taken by an empty file first. */
export async function renameToTaken(source: string, target: string, to: TeamPath): Promise<void> {
  const taken = await onDisk(to, () => open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o640))
  await taken.close()
  await onDisk(to, () => rename(source, target))
}
