import { sql } from 'kysely'
import { type TeamPath, teamPath } from '../../model/team-path.ts'
import type { FileIdentity } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { gone, lockPath } from './path-locks.ts'
import { verdictColumns, WAITING } from './verdict.ts'

/**
 * Gives a file, or a folder with all that is in it, another name: `move` does so on the disk, while no other can enter a
 * file under either name. The file under the old name is gone, and a new upload begins under the new one, with the
 * time at which its bytes came. Where the file had to be copied, `move` answers its new identity. Answers the paths that
 * arrived.
 */
export async function renameUpload(
  db: Database,
  teamId: number,
  { from, to }: { from: TeamPath; to: TeamPath },
  move: (tx: Database) => Promise<FileIdentity | null>,
): Promise<TeamPath[]> {
  return db.transaction().execute(async (tx) => {
    // In one order, or two who exchange names would wait for each other.
    for (const path of [from, to].sort()) await lockPath(tx, teamId, path)
    const changed = await move(tx)
    await gone(tx, teamId, to)
    const moved = await gone(tx, teamId, from)
    const within = await tx
      .updateTable('upload')
      .set({ gone_at: sql<Date>`clock_timestamp()` })
      .where('team_id', '=', teamId)
      .where('state', '=', 'ready')
      .where('gone_at', 'is', null)
      .where(sql<boolean>`starts_with(path, ${`${from}/`})`)
      .returningAll()
      .execute()
    const arrived = [...moved, ...within].map((row) => ({
      ...row,
      path: teamPath(to + row.path.slice(from.length)),
      ...(changed && { device: String(changed.device), inode: String(changed.inode) }),
    }))
    for (const { id: _, verdict_settings_version: __, started_at: ___, ...row } of arrived)
      await tx
        .insertInto('upload')
        .values({
          ...row,
          ...verdictColumns(WAITING),
          gone_at: null,
          changed_at: null,
        })
        .execute()
    return arrived.map(({ path }) => path)
  })
}

/** Takes a file away: `remove` does so on the disk, while no other can enter one under its path. */
export async function removeUpload(
  db: Database,
  teamId: number,
  path: TeamPath,
  remove: (tx: Database) => Promise<unknown>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, path)
    await remove(tx)
    await gone(tx, teamId, path)
  })
}

/** Nothing was found under `path`. Asked again under the lock: a file may have come since. */
export async function uploadVanished(
  db: Database,
  teamId: number,
  path: TeamPath,
  stands: () => Promise<boolean>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, path)
    if (!(await stands())) await gone(tx, teamId, path, { vanished: true })
  })
}

/** The file at `path` is gone: deleted, or archived. */
export async function uploadRemoved(db: Database, teamId: number, path: TeamPath): Promise<void> {
  await gone(db, teamId, path)
}
