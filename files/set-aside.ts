import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HIDDEN_FOLDER } from '../model/team-path.ts'
import { statIfThere } from './disk-stat.ts'

/** Beside the folders of the teams; no team can be called so. */
export const REMOVED = '.removed'
/** In the folder of a team that is a disk of its own. */
export const REMOVED_WITHIN = join(HIDDEN_FOLDER, 'removed')
/** Of the file system itself. */
const LOST_AND_FOUND = 'lost+found'

/**
 * Moves `folder` into `.removed` beside it, under a name that tells when, so that nothing finds it under its old one. What it
 * holds stays on its file system: a folder on which a disk is mounted, and those above it, stay, and their content goes into a
 * hidden folder inside. Nothing happens where it is not there.
 */
export async function setAside(folder: string, now: Date): Promise<void> {
  const name = `${basename(folder)}_${now.toISOString().replace(/[:.]/g, '-')}_${randomBytes(3).toString('hex')}`
  const shelf = join(dirname(folder), REMOVED)
  await mkdir(shelf, { recursive: true, mode: 0o700 })
  await moveAside(folder, join(shelf, name), name)
}

async function moveAside(source: string, target: string, name: string): Promise<void> {
  const stats = await statIfThere(source)
  if (!stats) return
  // A rename would take along a disk that is mounted inside, until the next boot mounts it under its old path.
  if (stats.isDirectory() && (await holdsDisk(source, stats.dev))) return setContentAside(source, name)
  try {
    await rename(source, target)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A disk is mounted right there.
    if (code === 'EBUSY' || code === 'EXDEV') await setContentAside(source, name)
    else throw error
  }
}

async function holdsDisk(folder: string, device: bigint): Promise<boolean> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === LOST_AND_FOUND) continue
    const inner = join(folder, entry.name)
    if ((await statIfThere(inner))?.dev !== device || (await holdsDisk(inner, device))) return true
  }
  return false
}

/** The hidden folder holds what has been set aside before, and what belongs to the content. */
async function setContentAside(folder: string, name: string): Promise<void> {
  const shelf = join(folder, REMOVED_WITHIN, name)
  const stays = [HIDDEN_FOLDER, REMOVED_WITHIN, LOST_AND_FOUND].map((name) => join(folder, name))
  await mkdir(join(shelf, HIDDEN_FOLDER), { recursive: true, mode: 0o700 })
  for (const within of ['', HIDDEN_FOLDER])
    for (const entry of await readdir(join(folder, within))) {
      const disk = join(folder, within, entry)
      if (!stays.includes(disk)) await moveAside(disk, join(shelf, within, entry), name)
    }
}
