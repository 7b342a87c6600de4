import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'
import { uploadOf } from './find-uploads.ts'
import type { UnfinishedUpload } from './unfinished-uploads.ts'
import { verdictColumns } from './verdict.ts'

/** An unconfirmed upload that may be cut off keeps its hidden name until a person decides; its path stays as it is. */
export async function holdBeside(db: Database, id: string, reason: string): Promise<void> {
  await db
    .updateTable('upload')
    .set({ state: 'ready', gone_at: sql<Date>`clock_timestamp()`, ...verdictColumns({ verdict: 'held', reason }) })
    .where('id', '=', id)
    .where('state', '=', 'unconfirmed')
    .execute()
}

/** The uploads of a team that are held under their hidden names, oldest receipt first. */
export async function heldBeside(db: Database, teamId: number): Promise<(UnfinishedUpload & HiddenName)[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('state', '=', 'ready')
    .where('gone_at', 'is not', null)
    .where('verdict', '=', 'held')
    .where('temporary_name', 'is not', null)
    .orderBy('received_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name as string }))
}

interface HiddenName {
  temporaryName: string
}
