import { sql } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import type { Database } from '../postgres/database.ts'
import { inFolder } from '../postgres/in-folder.ts'

/** When the last importable file of a team arrived; null before its first import. */
export async function lastFile(db: Database, teamId: number, folder: TeamPath, prefix: string): Promise<Date | null> {
  const { rows } = await sql<{ last: Date | null }>`
    select max(coalesce(received_at, finished_at)) as last from batch
    where team_id = ${teamId} and state in ('imported', 'imported_with_errors')`.execute(db)
  const imported = rows[0]?.last
  if (!imported) return null
  const arrived = await sql<{ last: Date | null }>`
    select max(received_at) as last from upload
    where team_id = ${teamId} and state = 'ready' and ${inFolder(folder, prefix)}`.execute(db)
  const other = arrived.rows[0]?.last
  return other && other > imported ? other : imported
}

/** False when recipients were already warned since that file. */
export async function markSilent(db: Database, teamId: number, last: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('team')
    .set({ silence_told_since: last })
    .where('id', '=', teamId)
    .where((eb) => eb.or([eb('silence_told_since', 'is', null), eb('silence_told_since', '<', last)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
