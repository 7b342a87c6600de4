import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'

export interface ArchivedFile {
  /** The number of the run that imported it and moved it to this path. */
  run: number
  batchId: string
  bytes: number
}

/** Which of these paths of a team an import has moved its file to; of several the last. */
export async function archivedFiles(
  db: Database,
  teamId: number,
  paths: readonly string[],
): Promise<Map<string, ArchivedFile>> {
  if (paths.length === 0) return new Map()
  const rows = await db
    .selectFrom('batch')
    .innerJoin('run', 'run.id', 'batch.run_id')
    .select(['batch.after_path', 'batch.id', 'batch.bytes', 'run.number'])
    .where('batch.team_id', '=', teamId)
    .where('batch.after_state', '=', 'done')
    .where('batch.after_path', '=', sql<string>`any(${[...paths]}::text[])`)
    .orderBy('run.number')
    .execute()
  return new Map(
    rows.map(({ after_path, id, bytes, number }) => [after_path as string, { run: number, batchId: id, bytes }]),
  )
}
