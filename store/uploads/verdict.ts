import { sql } from 'kysely'
import type { FileVerdict } from '../../model/run.ts'
import type { Database } from '../postgres/database.ts'

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

export function verdictColumns({ verdict, reason }: Judgement) {
  return { verdict, verdict_reason: reason, verdict_at: sql<Date>`clock_timestamp()` }
}
