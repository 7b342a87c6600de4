import { sql } from 'kysely'
import type { Database } from '../../postgres/database.ts'
import type { ContactRow } from '../../postgres/tables.ts'

/** So many contacts are looked up one by one within a page's time. */
const FEW = 5_000
/** A page can skip what a smaller file writes in time. */
const LARGE_FILE_BYTES = 4 * 1024 * 1024

/**
 * Keeps which contacts the team has, if they are few and the file is large. Call in the transaction that begins the
 * batch, while no other batch of the team is worked on: until this one ends, no contact is added or removed.
 */
export async function keepFewContacts(
  tx: Database,
  { id, team_id, bytes }: { id: string; team_id: number; bytes: number },
): Promise<void> {
  if (bytes < LARGE_FILE_BYTES) return
  await sql`
    insert into few_contacts (team_id, batch_id, contact_ids)
    select ${team_id}::integer, ${id}::uuid, coalesce(array_agg(contact_id), '{}') from (
      select contact_id from contact where team_id = ${team_id} order by contact_id limit ${FEW + 1}
    ) first_ones
    having count(*) <= ${FEW}
    on conflict (team_id) do update set batch_id = excluded.batch_id, contact_ids = excluded.contact_ids`.execute(tx)
}

/**
 * While a large file is imported for a team that has few contacts: does `work`, with a source of all the contacts there are, in
 * a transaction that does not see the import end. Answers null at any other time.
 */
export async function amongFewContacts<T>(
  db: Database,
  teamId: number,
  work: (tx: Database, contact: ReturnType<typeof contactsOf>) => Promise<T>,
): Promise<T | null> {
  if (!(await areFew(db, teamId))) return null
  const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
  return transaction.execute(async (tx) => ((await areFew(tx, teamId)) ? work(tx, contactsOf(teamId)) : null))
}

/** `few_contacts` lists all contacts only while its batch is being worked on. */
async function areFew(db: Database, teamId: number): Promise<boolean> {
  const row = await db
    .selectFrom('few_contacts')
    .innerJoin('batch', 'batch.id', 'few_contacts.batch_id')
    .select('batch_id')
    .where('few_contacts.team_id', '=', teamId)
    .where('batch.state', 'in', ['parsing', 'applying'])
    .executeTakeFirst()
  return row !== undefined
}

/** One index lookup for each: the statistics do not yet cover the rows being written. */
function contactsOf(teamId: number) {
  return sql<ContactRow>`(
    select one.* from few_contacts, unnest(contact_ids) few (contact_id) cross join lateral (
      select * from contact where contact.team_id = ${teamId} and contact.contact_id = few.contact_id limit 1
    ) one where few_contacts.team_id = ${teamId})`
}
