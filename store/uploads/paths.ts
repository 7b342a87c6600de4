import { sql, type Transaction } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import type { FileIdentity } from '../../model/upload.ts'
import type { Database } from '../database.ts'
import type { Tables, UploadRow } from '../tables.ts'

/** Without the entry of that very file, where it was found on the host. */
export function gone(
  db: Database,
  teamId: number,
  path: TeamPath,
  except: FileIdentity | null = null,
): Promise<UploadRow[]> {
  let update = db
    .updateTable('upload')
    .set({ gone_at: sql<Date>`now()` })
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
  if (except)
    update = update.where(
      sql<boolean>`not (source = 'host' and device = ${String(except.device)} and inode = ${String(except.inode)}
        and bytes = ${except.bytes})`,
    )
  return update.returningAll().execute()
}

/** Until the transaction ends nobody else gives this path to a file, or takes the file away; every process keeps to it. */
export async function lockPath(tx: Transaction<Tables>, teamId: number, path: TeamPath): Promise<void> {
  await sql`select pg_advisory_xact_lock(${teamId}::integer, hashtext(${path}))`.execute(tx)
}
