import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { uploadOf } from '../../store/uploads/find-uploads.ts'

/** The latest uploads of a team in whatever state, newest first. */
export async function latestUploads(db: Database, teamId: number, limit: number): Promise<Upload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .orderBy('started_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(uploadOf)
}
