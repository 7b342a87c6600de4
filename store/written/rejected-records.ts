import { type ExpressionBuilder, sql } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import type { Database } from '../postgres/database.ts'
import type { Tables, WrittenFileRow } from '../postgres/tables.ts'

/**
 * The ledger's entry for the rejected records that belong to a result; they are written with it. Null where the path is that of
 * a file about another one: the names of `StudentData` and `StudentData.csv` lead to one.
 */
export async function companionOf(
  db: Database,
  result: WrittenFileRow,
  fileName: string,
  path: TeamPath,
): Promise<WrittenFileRow | null> {
  const { team_id, batch_id, about_at } = result
  const companion = await db
    .insertInto('written_file')
    .values({ team_id, kind: 'rejected_records', path, batch_id, about_at, state: 'due' })
    .onConflict((conflict) =>
      conflict
        .columns(['team_id', 'path'])
        .doUpdateSet({ batch_id, about_at, revision: sql`written_file.revision + 1` })
        .where('written_file.kind', '=', 'rejected_records')
        .where((eb) => eb.exists(batchesOf(eb, fileName))),
    )
    .returningAll()
    .executeTakeFirst()
  return companion ?? null
}

/** Rejected records that earlier imports of files of this name left under one of the paths. */
export async function earlierCompanions(
  db: Database,
  { team_id, about_at }: WrittenFileRow,
  fileName: string,
  paths: readonly TeamPath[],
): Promise<WrittenFileRow[]> {
  return db
    .selectFrom('written_file')
    .selectAll()
    .where('team_id', '=', team_id)
    .where('path', '=', sql<string>`any(${[...paths]}::text[])`)
    .where('kind', '=', 'rejected_records')
    .where('about_at', '<=', about_at)
    .where((eb) => eb.exists(batchesOf(eb, fileName)))
    .execute()
}

function batchesOf(eb: ExpressionBuilder<Tables, 'written_file'>, fileName: string) {
  return eb
    .selectFrom('batch')
    .select('batch.id')
    .whereRef('batch.id', '=', 'written_file.batch_id')
    .where('batch.file_name', '=', fileName)
}
