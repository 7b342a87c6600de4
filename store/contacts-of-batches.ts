import { sql } from 'kysely'
import type { Database } from './database.ts'

type Condition = ReturnType<typeof sql<boolean>>

/** Batches that changed more contacts than this: some of those stand near, whatever page is asked for. */
const MOST_CHANGED = 100_000

/**
 * Whether `keysOfBatches` knows all contacts that these batches changed: what it looks them up by is kept for as long as a
 * batch can be undone.
 */
export async function fewKnownOfBatches(db: Database, batches: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ few: boolean }>`
    select count(*) = ${batches.length} and coalesce(sum(changed), 0) <= ${MOST_CHANGED}
      and count(*) filter (where changed > 0 and undo_until is null) = 0 as few
    from (select created + updated + opted_out as changed, undo_until from batch where id = any(${[...batches]}::uuid[]))
      batch`.execute(db)
  return rows[0]?.few === true
}

/** The keys of the first contacts that one of these batches changed last and that meet every condition. */
export async function keysOfBatches(
  db: Database,
  teamId: number,
  batches: readonly string[],
  { wanted, after, limit }: { wanted: readonly Condition[]; after: string | undefined; limit: number },
): Promise<string[]> {
  const conditions = sql.join([sql`contact.team_id = ${teamId}`, ...wanted], sql` and `)
  const { rows } = await sql<{ contact_id: string }>`
    select contact_id from unnest(${[...batches]}::uuid[]) asked (batch) cross join lateral (
      (select contact_id
        from (select contact_id as key from contact_before where batch_id = asked.batch) changed
          join contact on contact_id = key
        where key > ${after ?? ''} and ${conditions}
        order by key limit ${limit})
      union all
      (select contact_id from contact
        where created_at = (select finished_at from batch where id = asked.batch)
          and contact_id > ${after ?? ''} and ${conditions}
        order by contact_id limit ${limit})
    ) changed
    group by contact_id order by contact_id limit ${limit}`.execute(db)
  return rows.map(({ contact_id }) => contact_id)
}
