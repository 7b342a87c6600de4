import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'

/** Those of the batches whose file stands in the root and is still rejected. */
export async function stillRejected(db: Database, batchIds: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('batch')
    .innerJoin('upload', 'upload.id', 'batch.upload_id')
    .select('batch.id')
    .where('batch.id', '=', sql<string>`any(${[...batchIds]}::uuid[])`)
    .where('batch.state', '=', 'rejected')
    .where('batch.temporary_name', 'is', null)
    .where('upload.state', '=', 'ready')
    .where('upload.verdict', '=', 'rejected')
    .where('upload.gone_at', 'is', null)
    .execute()
  return new Set(rows.map(({ id }) => id))
}
