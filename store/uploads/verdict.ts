import { sql } from 'kysely'
import type { FileVerdict } from '../../model/run.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { uploadOf } from './find-uploads.ts'

export interface Judgement {
  verdict: FileVerdict
  reason: string | null
}

export const WAITING: Judgement = { verdict: 'waiting', reason: null }

/** `settingsVersion`: the settings under which the import was tried. */
export async function setVerdict(
  db: Database,
  id: string,
  { verdict, reason, settingsVersion }: Judgement & { settingsVersion?: number },
): Promise<void> {
  await db
    .updateTable('upload')
    .set({ ...verdictColumns({ verdict, reason }), verdict_settings_version: settingsVersion ?? null })
    .where('id', '=', id)
    .where('state', '=', 'ready')
    .execute()
}

/** The files in a team's root with one of these verdicts, locked; those that another transaction has locked are left out. */
export async function freeUploads(tx: Database, teamId: number, verdicts: readonly FileVerdict[]): Promise<Upload[]> {
  const rows = await tx
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
    .where('verdict', 'in', [...verdicts])
    .forNoKeyUpdate()
    .skipLocked()
    .execute()
  return rows.map(uploadOf)
}

export function verdictColumns({ verdict, reason }: Judgement) {
  return { verdict, verdict_reason: reason, verdict_at: sql<Date>`clock_timestamp()` }
}
