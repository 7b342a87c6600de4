import { sql } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { type BrokenUpload, brokenUploadOf, IS_KEPT, uploadOf } from './find-uploads.ts'

export interface UploadsTo {
  /** In progress, held beside, or broken off last; the latest first. */
  nameless: BrokenUpload[]
  /** The last one that was imported and is gone from there. */
  imported: Upload | null
}

/** The uploads to a path whose file is not there. */
export async function uploadsTo(db: Database, teamId: number, path: TeamPath): Promise<UploadsTo> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .select(IS_KEPT)
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where(sql<boolean>`(state <> 'ready' or gone_at is not null)`)
    .orderBy('started_at', 'desc')
    .limit(MOST_LOOKED_AT)
    .execute()
  const isBeside = (row: (typeof rows)[number]) => row.verdict === 'held' && row.temporary_name !== null
  // A broken upload counts until the next one to its path.
  const nameless = rows.filter(
    (row, at) =>
      row.state === 'receiving' ||
      row.state === 'unconfirmed' ||
      isBeside(row) ||
      (row.state === 'incomplete' && at === 0),
  )
  const imported = rows.find((row) => row.state === 'ready' && row.verdict === 'imported')
  return {
    nameless: nameless.map(brokenUploadOf),
    imported: imported ? uploadOf(imported) : null,
  }
}

const MOST_LOOKED_AT = 50
