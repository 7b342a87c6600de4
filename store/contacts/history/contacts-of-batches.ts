import { sql } from 'kysely'
import type { Database } from '../../postgres/database.ts'

type Condition = ReturnType<typeof sql<boolean>>

/** A batch and the moment of what it created, as exact as the database has it. */
export interface KnownBatch {
  id: string
  at: string
}

/** Batches that changed more contacts than this: some of those are near any page. */
const MOST_CHANGED = 100_000
/** Each is looked up by itself. */
const MOST_BATCHES = 50

/**
 * Those of the batches that changed contacts, if `keysOfBatches` can find these contacts: what it looks them up by is kept
 * for as long as a batch can be undone. Null if they are too many, or no more known.
 */
export async function knownBatches(db: Database, batches: readonly string[]): Promise<KnownBatch[] | null> {
  const { rows } = await sql<KnownBatch & { changed: number; known: boolean }>`
    select id, applied_at::text as at, created + updated + opted_out as changed, undo_until is not null as known
    from batch where id = any(${[...batches]}::uuid[])`.execute(db)
  const changing = rows.filter(({ changed }) => changed > 0)
  const few = changing.reduce((sum, { changed }) => sum + changed, 0) <= MOST_CHANGED && changing.length <= MOST_BATCHES
  return few && rows.length === batches.length && changing.every(({ known }) => known) ? changing : null
}

/** The keys of the first contacts that one of these batches changed last and that meet every condition. */
export async function keysOfBatches(
  db: Database,
  teamId: number,
  batches: readonly KnownBatch[],
  { wanted, after = '', limit }: { wanted: readonly Condition[]; after: string | undefined; limit: number },
): Promise<string[]> {
  if (batches.length === 0) return []
  const conditions = sql.join([sql`contact.team_id = ${teamId}`, sql`contact_id > ${after}`, ...wanted], sql` and `)
  // Of what it created the planner knows the moment alone, whose summaries are the one index that helps.
  const found = batches.map(
    ({ id, at }) => sql`
      (select contact_id
        from (select contact_id as key from contact_before where batch_id = ${id} and contact_id > ${after}) changed
          join contact on contact_id = key
        where ${conditions} order by contact_id limit ${limit})
      union all
      (select contact_id from (select * from contact where created_at = ${at}::timestamptz offset 0) contact
        where ${conditions} order by contact_id limit ${limit})`,
  )
  const { rows } = await db.transaction().execute(async (tx) => {
    // It takes contacts of one moment for spread all over the table, and would read all of it.
    await sql`select set_config('enable_seqscan', 'off', true)`.execute(tx)
    return sql<{ contact_id: string }>`
      select distinct contact_id from (${sql.join(found, sql` union all `)}) found
      order by contact_id limit ${limit}`.execute(tx)
  })
  return rows.map(({ contact_id }) => contact_id)
}
