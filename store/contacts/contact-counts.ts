import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'
import { amongFewContacts } from './planning/few-contacts.ts'

export interface ContactCounts {
  contacts: number
  optedOut: number
}

export async function countContacts(db: Database, teamId: number): Promise<ContactCounts> {
  const few = await amongFewContacts(db, teamId, async (tx, contact) => {
    const { rows } = await sql<ContactCounts>`
      select count(*) as contacts, count(*) filter (where opted_out) as "optedOut" from ${contact} contact`.execute(tx)
    return rows[0] as ContactCounts
  })
  return few ?? countAll(db, teamId)
}

async function countAll(db: Database, teamId: number): Promise<ContactCounts> {
  const { rows } = await sql<{ contacts: number; opted_out: number }>`
    select (select count(*) from contact where team_id = ${teamId}) as contacts,
      (select count(*) from contact where team_id = ${teamId} and opted_out) as opted_out`.execute(db)
  const row = rows[0]
  return { contacts: row?.contacts ?? 0, optedOut: row?.opted_out ?? 0 }
}

/** When an import last ended: what was counted before need not be right any more. In milliseconds; 0 before the first. */
export async function contactsChangedAt(db: Database, teamId: number): Promise<number> {
  const row = await db
    .selectFrom('batch')
    .select('finished_at')
    .where('team_id', '=', teamId)
    .where('finished_at', 'is not', null)
    .orderBy('finished_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.finished_at?.getTime() ?? 0
}
