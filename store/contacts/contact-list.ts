import { type RawBuilder, sql } from 'kysely'
import { type Contact, mobileDisplay, type OptOutSource, type OptOutState } from '../../model/contact.ts'
import type { Database } from '../postgres/database.ts'
import { isStatementTimeout } from '../postgres/database-errors.ts'
import { type Page, pageOf } from '../postgres/keyset-page.ts'
import type { ContactRow } from '../postgres/tables.ts'
import { found, matches, soughtAnywhere } from './contact-search.ts'
import { keysOfBatches, knownBatches } from './history/contacts-of-batches.ts'
import { amongFewContacts } from './planning/few-contacts.ts'
import { lockContactsOfNumber } from './preference-locks.ts'
import { forgetStoppedNumber } from './stopped-numbers.ts'

/** Which contacts of a team are asked for. */
export interface ContactFilter {
  /** As of `found`. */
  search?: string | undefined
  optedOut?: boolean | undefined
  staffId?: string | undefined
  /** Those that one of these batches changed last. */
  batches?: readonly string[] | undefined
}

/** As it is carried out. */
interface Sought extends ContactFilter {
  anywhere: boolean
}

/** A page of them, by Contact ID, from behind the Contact ID `after`. */
interface ContactsWanted extends ContactFilter {
  after?: string | undefined
  limit: number
}

/** Contacts scanned in ID order before an index lookup; fewer where an index finds them. */
const NEARBY = 40_000
const NEARBY_SEARCHED = 5_000
/** Time limit of that scan: it has to skip every contact that a running import is writing. */
const NEARBY_MS = 100
/** The most hits that a search with further filters gathers; of more, some are near. */
const MOST_FOUND = 100_000

export async function listContacts(db: Database, teamId: number, wanted: ContactsWanted): Promise<Page<Contact>> {
  const text = wanted.search?.trim()
  const sought = { ...wanted, anywhere: text ? await soughtAnywhere(db, teamId, text) : false }
  const few = await amongFewContacts(db, teamId, (tx, contact) => listFew(tx, teamId, contact, sought))
  return few ?? listMany(db, teamId, sought)
}

async function listFew(
  db: Database,
  teamId: number,
  contact: RawBuilder<ContactRow>,
  { after, limit, ...filter }: ContactsWanted & Sought,
): Promise<Page<Contact>> {
  let query = contacts(db, teamId, contact).orderBy('contact_id')
  for (const condition of conditionsOf(filter)) query = query.where(condition)
  if (after !== undefined) query = query.where('contact_id', '>', after)
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.contact_id, toContact)
}

async function listMany(
  db: Database,
  teamId: number,
  { after, limit, ...filter }: ContactsWanted & Sought,
): Promise<Page<Contact>> {
  let query = contacts(db, teamId).orderBy('contact_id')
  const wanted = conditionsOf(filter)
  const keys = wanted.length === 0 ? null : await keysOfFirst(db, teamId, filter, { wanted, after, limit: limit + 1 })
  if (keys) query = query.where('contact_id', '=', sql<string>`any(${keys}::text[])`)
  else {
    const { optedOut, search } = filter
    for (const condition of plainConditionsOf(filter)) query = query.where(condition)
    if (after !== undefined) query = query.where('contact_id', '>', after)
    const text = search?.trim()
    const narrowed = filter.staffId !== undefined || filter.batches !== undefined
    const most = narrowed ? MOST_FOUND : limit + 1
    if (text)
      query = query.where(
        'contact_id',
        '=',
        found(teamId, text, { optedOut, after, limit: most, anywhere: filter.anywhere }),
      )
  }
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.contact_id, toContact)
}

/** The keys of the first matches, found the quickest way; null where all contacts must be searched. */
async function keysOfFirst(
  db: Database,
  teamId: number,
  { search, batches }: ContactFilter,
  asked: { wanted: readonly Condition[]; after: string | undefined; limit: number },
): Promise<string[] | null> {
  const known = batches === undefined ? null : await knownBatches(db, batches)
  if (known) return keysOfBatches(db, teamId, known, asked)
  const nearby = await nearbyContacts(db, teamId, { ...asked, among: search?.trim() ? NEARBY_SEARCHED : NEARBY })
  return nearby.length < asked.limit ? null : nearby
}

/**
 * The keys of the first contacts that are wanted among those nearby; none where that takes too long. What many contacts have
 * fills a page at once this way, where gathering all that have it to find the first would take a second among a million.
 */
async function nearbyContacts(
  db: Database,
  teamId: number,
  {
    wanted,
    after,
    among,
    limit,
  }: { wanted: readonly Condition[]; after: string | undefined; among: number; limit: number },
): Promise<string[]> {
  const found = db.transaction().execute(async (tx) => {
    // Under row-level security the planner takes a team for a handful of contacts, and would sort them all.
    await sql`select ${sql.join(['enable_bitmapscan', 'enable_seqscan', 'enable_sort'].map((way) => sql`set_config(${way}, 'off', true)`))},
      set_config('statement_timeout', ${String(NEARBY_MS)}, true)`.execute(tx)
    return sql<{ contact_id: string }>`
      select contact_id from (
        select contact_id, first_name, last_name, mobile_number, opted_out, staff_id, last_batch_id from contact
        where team_id = ${teamId} and contact_id > ${after ?? ''} order by contact_id limit ${among}
      ) contact where ${sql.join([...wanted], sql` and `)} order by contact_id limit ${limit}`.execute(tx)
  })
  try {
    return (await found).rows.map(({ contact_id }) => contact_id)
  } catch (error) {
    if (isStatementTimeout(error)) return []
    throw error
  }
}

type Condition = ReturnType<typeof sql<boolean>>

function conditionsOf(filter: Sought): Condition[] {
  const text = filter.search?.trim()
  return [...plainConditionsOf(filter), ...(text ? [matches(text, filter.anywhere)] : [])]
}

function plainConditionsOf({ optedOut, staffId, batches }: ContactFilter): Condition[] {
  return [
    ...(optedOut === undefined ? [] : [sql<boolean>`opted_out = ${optedOut}`]),
    ...(staffId === undefined ? [] : [sql<boolean>`lower(contact.staff_id) = lower(${staffId})`]),
    ...(batches === undefined ? [] : [sql<boolean>`last_batch_id = any(${[...batches]}::uuid[])`]),
  ]
}

export async function findContact(db: Database, teamId: number, contactId: string): Promise<Contact | null> {
  const row = await contacts(db, teamId).where('contact_id', '=', contactId).executeTakeFirst()
  return row ? toContact(row) : null
}

/**
 * Sets the preference as a person or an administrator stated it; null when there is no such contact. An opt-out is one of the
 * number, and of every contact of the team that has it; an opt-in is one of this contact alone. The same word twice changes
 * nothing. The history of the preference says who `speaker` is.
 */
export async function setOptOut(
  db: Database,
  teamId: number,
  contactId: string,
  state: OptOutState,
  source: Extract<OptOutSource, 'admin' | 'contact'>,
  speaker = '',
): Promise<Contact | null> {
  if (!db.isTransaction)
    return db.transaction().execute((tx) => setOptOut(tx, teamId, contactId, state, source, speaker))
  await lockContactsOfNumber(db, teamId, contactId)
  await sql`select set_config('rosterport.speaker', ${speaker}, true)`.execute(db)
  const optedOut = state === 'opted_out'
  const stated = db.updateTable('contact').set({
    opted_out: optedOut,
    opt_out_source: source,
    opt_out_changed_at: sql`clock_timestamp()`,
    updated_at: sql`clock_timestamp()`,
    // The next import has to look at this contact again, even if its record is the same as before.
    record_hash: null,
  })
  await stated
    .where('team_id', '=', teamId)
    .where('contact_id', '=', contactId)
    .where((eb) =>
      eb.or([
        eb('opted_out', '!=', optedOut),
        eb('opt_out_source', '!=', source),
        // Taken over from the number by an import, and now said: an undo of that import must not take it back.
        sql<boolean>`opt_out_changed_at = (select applied_at from batch where id = last_batch_id)`,
      ]),
    )
    .execute()
  if (optedOut)
    await stated
      .where('team_id', '=', teamId)
      .where('mobile_number', '=', (eb) =>
        eb
          .selectFrom('contact')
          .select('mobile_number')
          .where('team_id', '=', teamId)
          .where('contact_id', '=', contactId),
      )
      .where('contact_id', '!=', contactId)
      .where(sql<boolean>`not (opted_out and opt_out_source in ('contact', 'admin'))`)
      .execute()
  else await forgetStoppedNumber(db, teamId, contactId)
  return findContact(db, teamId, contactId)
}

function contacts(db: Database, teamId: number, contact: RawBuilder<ContactRow> = sql`contact`) {
  return db
    .selectFrom(contact.as('contact'))
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
