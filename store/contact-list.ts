import { sql } from 'kysely'
import { type Contact, mobileDisplay, type OptOutSource, type OptOutState } from '../model/contact.ts'
import type { Database } from './database.ts'
import { type Page, pageOf } from './page.ts'

/** By Contact ID, from behind the Contact ID `after`; `search` is how a name, Contact ID or mobile number begins, or a first and a last name. */
export async function listContacts(
  db: Database,
  teamId: number,
  {
    search,
    after,
    limit,
    optedOut,
  }: { search?: string | undefined; after?: string | undefined; limit: number; optedOut?: boolean | undefined },
): Promise<Page<Contact>> {
  let query = contacts(db, teamId).orderBy('contact_id')
  if (optedOut !== undefined) query = query.where('opted_out', '=', optedOut)
  if (after !== undefined) query = query.where('contact_id', '>', after)
  const text = search?.trim()
  if (text) query = query.where('contact_id', 'in', found(teamId, text))
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.contact_id, toContact)
}

export async function findContact(db: Database, teamId: number, contactId: string): Promise<Contact | null> {
  const row = await contacts(db, teamId).where('contact_id', '=', contactId).executeTakeFirst()
  return row ? toContact(row) : null
}

/** Sets the preference as a person or an administrator stated it; null when there is no such contact. The same word twice changes nothing. */
export async function setOptOut(
  db: Database,
  teamId: number,
  contactId: string,
  state: OptOutState,
  source: Extract<OptOutSource, 'admin' | 'contact'>,
): Promise<Contact | null> {
  const optedOut = state === 'opted_out'
  await db
    .updateTable('contact')
    .set({
      opted_out: optedOut,
      opt_out_source: source,
      opt_out_changed_at: sql`now()`,
      updated_at: sql`now()`,
      // The next import has to look at this contact again, even if its record is the same as before.
      record_hash: null,
    })
    .where('team_id', '=', teamId)
    .where('contact_id', '=', contactId)
    .where((eb) => eb.or([eb('opted_out', '!=', optedOut), eb('opt_out_source', '!=', source)]))
    .execute()
  return findContact(db, teamId, contactId)
}

function contacts(db: Database, teamId: number) {
  return db
    .selectFrom('contact')
    .leftJoin('team_user', (join) =>
      join
        .onRef('team_user.team_id', '=', 'contact.team_id')
        .on(sql`lower(team_user.staff_id)`, '=', sql`lower(contact.staff_id)`),
    )
    .selectAll('contact')
    .select(['team_user.staff_id as user_staff_id', 'team_user.name as user_name', 'team_user.email as user_email'])
    .where('contact.team_id', '=', teamId)
}

function toContact(row: Awaited<ReturnType<ReturnType<typeof contacts>['executeTakeFirstOrThrow']>>): Contact {
  const { user_staff_id: staffId, user_name: name, user_email: email } = row
  return {
    contactId: row.contact_id,
    firstName: row.first_name,
    lastName: row.last_name,
    mobileNumber: row.mobile_number,
    mobileDisplay: mobileDisplay(row.mobile_number),
    staffId: row.staff_id,
    assignedTo: staffId !== null && name !== null && email !== null ? { staffId, name, email } : null,
    optOut: {
      state: row.opted_out ? 'opted_out' : 'opted_in',
      source: row.opt_out_source,
      changedAt: row.opt_out_changed_at.toISOString(),
    },
    customFields: row.custom_fields,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    lastBatchId: row.last_batch_id,
  }
}

/** The keys of the contacts that `text` finds. */
function found(teamId: number, text: string) {
  const lower = text.toLowerCase()
  const [last, first] = lower.includes(',')
    ? lower.split(/\s*,\s*/, 2)
    : [lower.split(/\s+/).slice(1).join(' '), lower.split(/\s+/)[0]]
  const texts = [...new Set([text, lower, text.toUpperCase()])]
  // Without a last name there is nobody to look for by two names.
  const [lastName, firstName] = last ? [last, first ?? ''] : [null, null]
  return sql<string>`(select * from contacts_found(${teamId}::integer, ${texts}::text[], ${[lower]}::text[],
    ${lastName}::text, ${firstName}::text, ${mobileBeginnings(text)}::text[]))`
}

/** How the numbers may begin that what looks like a mobile number, however punctuated, stands for; none for anything else. */
function mobileBeginnings(text: string): string[] {
  if (!/^[\d\s().+/-]+$/.test(text)) return []
  const digits = text.replace(/\D/g, '')
  if (digits === '') return []
  return text.startsWith('+') ? [`+${digits}`] : [`+${digits}`, `+1${digits}`]
}
