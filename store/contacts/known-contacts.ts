import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'

export interface StoredContact {
  contactId: string
  firstName: string
  lastName: string
  mobileNumber: string
  staffId: string | null
}

/** Those of the Contact IDs that a team has, with what a file might say of them. */
export async function knownContacts(
  db: Database,
  teamId: number,
  contactIds: readonly string[],
): Promise<Map<string, StoredContact>> {
  const rows = await db
    .selectFrom('contact')
    .select([
      'contact_id as contactId',
      'first_name as firstName',
      'last_name as lastName',
      'mobile_number as mobileNumber',
      'staff_id as staffId',
    ])
    .where('team_id', '=', teamId)
    .where('contact_id', '=', sql<string>`any(${[...contactIds]}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.contactId, row]))
}
