import { sql } from 'kysely'
import { type TeamPath, teamPath } from '../../model/team-path.ts'
import type { Upload, UploadSource } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { uploadOf } from './find-uploads.ts'
import { gone, lockPath } from './path-locks.ts'
import { type ReceivedBytes, receivedColumns } from './received-bytes.ts'
import { verdictColumns, WAITING } from './verdict.ts'

/** Enters a file that is there without having come through an endpoint: copied in on the host, or given by hand. */
export async function fileArrived(
  db: Database,
  file: { teamId: number; path: TeamPath; source: UploadSource; account: string | null } & ReceivedBytes,
): Promise<Upload> {
  return db.transaction().execute(async (tx) => {
    await lockPath(tx, file.teamId, file.path)
    await gone(tx, file.teamId, file.path)
    const row = await tx
      .insertInto('upload')
      .values({
        team_id: file.teamId,
        path: file.path,
        source: file.source,
        account: file.account,
        state: 'ready',
        received_at: sql<Date>`clock_timestamp()`,
        ...receivedColumns(file),
        ...verdictColumns(WAITING),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return uploadOf(row)
  })
}

/**
 * Gives a file, or a folder with all that is in it, another name: `move` does so on the disk, while no other can enter a
 * file under either name. That counts as an arrival under the new name, so what stood under the old one is gone and an
 * upload of its own begins. Answers the paths that arrived.
 */
export async function renameUpload(
  db: Database,
  teamId: number,
  { from, to }: { from: TeamPath; to: TeamPath },
  move: (tx: Database) => Promise<unknown>,
): Promise<TeamPath[]> {
  return db.transaction().execute(async (tx) => {
    // In one order, or two who exchange names would wait for each other.
    for (const path of [from, to].sort()) await lockPath(tx, teamId, path)
    await move(tx)
    await gone(tx, teamId, to)
    const moved = await gone(tx, teamId, from)
    const within = await tx
      .updateTable('upload')
      .set({ gone_at: sql<Date>`now()` })
      .where('team_id', '=', teamId)
      .where('state', '=', 'ready')
      .where('gone_at', 'is', null)
      .where(sql<boolean>`starts_with(path, ${`${from}/`})`)
      .returningAll()
      .execute()
    const arrived = [...moved, ...within].map((row) => ({ ...row, path: teamPath(to + row.path.slice(from.length)) }))
    for (const { id: _, verdict_settings_version: __, started_at: ___, ...row } of arrived)
      await tx
        .insertInto('upload')
        .values({ ...row, ...verdictColumns(WAITING), gone_at: null, received_at: sql<Date>`clock_timestamp()` })
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
    if (!(await stands())) await gone(tx, teamId, path)
  })
}

/** No file stands under `path` any more: deleted, or archived. */
export async function uploadRemoved(db: Database, teamId: number, path: TeamPath): Promise<void> {
  await gone(db, teamId, path)
}
