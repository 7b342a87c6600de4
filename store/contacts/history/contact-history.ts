import { sql } from 'kysely'
import type { Contact, OptOutSource, OptOutState } from '../../../model/contact.ts'
import { FIELD_TITLES } from '../../../model/import-settings.ts'
import { DAY_MS } from '../../../model/time.ts'
import type { Database } from '../../postgres/database.ts'
import { UNDO_DAYS } from './values-before.ts'

/** The import of a file, as the history of a contact names it. */
export interface NamedImport {
  runId: string
  runNumber: number
  fileName: string
  settingsVersion: number
}

/** A change of a texting preference. */
export interface PreferenceChange {
  at: Date
  state: OptOutState
  source: OptOutSource
  was: { state: OptOutState; source: OptOutSource }
  /** Of an import, the one that changed it; of an undo, the one that was undone. */
  by: NamedImport | null
  undone: boolean
  /** The person or the token that spoke. */
  speaker: string | null
}

export interface ContactHistory {
  /** Newest first, without how the preference began. */
  preference: PreferenceChange[]
  /** Null where the origin is unknown. */
  created: NamedImport | null
  /** By field: the import that brought the value it holds; nothing for fields that did not change as far back as is known. */
  fields: ReadonlyMap<string, { at: Date; by: NamedImport }>
  /** Since when all changes of fields are known. */
  knownSince: Date
}

export async function contactHistory(db: Database, teamId: number, contact: Contact): Promise<ContactHistory> {
  const key = sql`team_id = ${teamId} and contact_id = ${contact.contactId}`
  // An earlier holder of this Contact ID is another person.
  const createdAt = sql`(select created_at from contact where ${key})`
  const [changes, before, created] = await Promise.all([
    sql<ChangeRow>`
      select change.at, change.opted_out, source, was_opted_out, was_source, change.undone as taken_back, speaker, ${NAMED}
      from (select * from preference_change where ${key} and at >= ${createdAt} order by id desc limit ${MOST_SHOWN}) change
        left join batch on batch.id = change.batch_id left join run on run.id = batch.run_id
      order by change.id desc`.execute(db),
    sql<BeforeRow>`
      select first_name, last_name, mobile_number, staff_id, custom_fields, batch.finished_at, ${NAMED}
      from batch join run on run.id = batch.run_id
        join contact_before before on batch_id = batch.id and contact_id = ${contact.contactId}
      where batch.team_id = ${teamId} and undo_until is not null and batch.applied_at >= ${createdAt}
      order by batch.finished_at desc`.execute(db),
    sql<NamedRow>`
      select ${NAMED} from batch join run on run.id = batch.run_id
      where batch.team_id = ${teamId} and batch.applied_at = ${createdAt} and created > 0`.execute(db),
  ])
  return {
    preference: changes.rows.map(toChange),
    created: created.rows[0] ? named(created.rows[0]) : null,
    fields: lastChanges(contact, before.rows),
    knownSince: new Date(Date.now() - UNDO_DAYS * DAY_MS),
  }
}

/** By Contact ID, the number of the run whose import set the preference that the contact has. */
export async function preferenceImports(
  db: Database,
  teamId: number,
  contacts: readonly Contact[],
): Promise<Map<string, number>> {
  const ids = contacts.filter(({ optOut }) => optOut.source === 'import').map(({ contactId }) => contactId)
  if (ids.length === 0) return new Map()
  // A preference that an import sets has the moment of its batch.
  const { rows } = await sql<{ contact_id: string; number: number }>`
    select contact_id, run.number from contact
      join batch on batch.team_id = ${teamId} and batch.applied_at = opt_out_changed_at
      join run on run.id = batch.run_id
    where contact.team_id = ${teamId} and contact_id = any(${ids}::text[])`.execute(db)
  return new Map(rows.map(({ contact_id, number }) => [contact_id, number]))
}

/** No preference changes more often. */
const MOST_SHOWN = 100

const NAMED = sql`run.id as run_id, run.number as run_number, batch.file_name, batch.settings_version`

interface NamedRow {
  run_id: string
  run_number: number
  file_name: string
  settings_version: number
}

interface ChangeRow extends Record<keyof NamedRow, NamedRow[keyof NamedRow] | null> {
  at: Date
  opted_out: boolean
  source: OptOutSource
  was_opted_out: boolean
  was_source: OptOutSource
  taken_back: boolean
  speaker: string | null
}

interface BeforeRow extends NamedRow {
  first_name: string
  last_name: string
  mobile_number: string
  staff_id: string | null
  custom_fields: Record<string, string>
  finished_at: Date
}

function named(row: NamedRow): NamedImport {
  return {
    runId: row.run_id,
    runNumber: row.run_number,
    fileName: row.file_name,
    settingsVersion: row.settings_version,
  }
}

function toChange(row: ChangeRow): PreferenceChange {
  const state = (optedOut: boolean): OptOutState => (optedOut ? 'opted_out' : 'opted_in')
  return {
    at: row.at,
    state: state(row.opted_out),
    source: row.source,
    was: { state: state(row.was_opted_out), source: row.was_source },
    by: row.run_id === null ? null : named(row as NamedRow),
    undone: row.taken_back,
    speaker: row.speaker,
  }
}

/** Steps back from the current values through those before each import, newest first. */
function lastChanges(contact: Contact, before: readonly BeforeRow[]): ContactHistory['fields'] {
  const fields = new Map<string, { at: Date; by: NamedImport }>()
  let after = valuesOf(contact)
  for (const row of before) {
    const held = valuesOf({
      firstName: row.first_name,
      lastName: row.last_name,
      mobileNumber: row.mobile_number,
      staffId: row.staff_id,
      customFields: row.custom_fields,
    })
    for (const field of new Set([...Object.keys(held), ...Object.keys(after)]))
      if (held[field] !== after[field] && !fields.has(field)) fields.set(field, { at: row.finished_at, by: named(row) })
    after = held
  }
  return fields
}

/** By the titles that the fields have. */
function valuesOf({
  firstName,
  lastName,
  mobileNumber,
  staffId,
  customFields,
}: Pick<Contact, 'firstName' | 'lastName' | 'mobileNumber' | 'staffId' | 'customFields'>): Record<string, string> {
  return {
    ...customFields,
    [FIELD_TITLES.firstName]: firstName,
    [FIELD_TITLES.lastName]: lastName,
    [FIELD_TITLES.mobileNumber]: mobileNumber,
    ...(staffId !== null && { [FIELD_TITLES.staffId]: staffId }),
  }
}
