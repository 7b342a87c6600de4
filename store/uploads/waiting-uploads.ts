import { sql } from 'kysely'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { uploadOf } from './find-uploads.ts'

/**
 * Files of these teams, in any folder, that no run has imported, put aside or held; and those that a run imports now,
 * also where another file has taken the path meanwhile.
 */
export async function waitingUploads(db: Database, teamIds: readonly number[]): Promise<Upload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', sql<number>`any(${[...teamIds]}::integer[])`)
    .where('state', '=', 'ready')
    .where((eb) => eb.or([eb('gone_at', 'is', null), eb('verdict', '=', 'claimed')]))
    .where(sql<boolean>`coalesce(verdict, 'waiting') in ('waiting', 'rejected', 'claimed')`)
    .execute()
  return rows.map(uploadOf)
}
