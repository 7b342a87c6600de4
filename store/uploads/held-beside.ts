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

const isHeldBeside = sql<boolean>`(state = 'ready' and gone_at is not null and verdict = 'held' and temporary_name is not null)`

/** The uploads of a team that are held under their hidden names, oldest receipt first. */
export async function heldBeside(db: Database, teamId: number): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where(isHeldBeside)
    .orderBy('received_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}

/** The uploads of a team that have no name: unfinished ones and those that are held beside. */
export async function namelessUploads(db: Database, teamId: number): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where(sql<boolean>`(state in ('receiving', 'unconfirmed') or ${isHeldBeside})`)
    .orderBy('started_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}
