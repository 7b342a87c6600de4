import { randomBytes } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Moves `folder` into `shelf` under a name that tells when, so that nothing finds it under its old one. Nothing happens where it is not there. */
export async function setAside(folder: string, shelf: string, now: Date): Promise<void> {
  const moment = now.toISOString().replace(/[:.]/g, '-')
  await mkdir(shelf, { recursive: true, mode: 0o700 })
  try {
    await rename(folder, join(shelf, `${basename(folder)}_${moment}_${randomBytes(3).toString('hex')}`))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
