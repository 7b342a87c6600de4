import type { PoolClient } from 'pg'
import type { WarningCode, WarningCounts } from '../../model/codes.ts'
import type { ContactValues, OptOutState } from '../../model/contact.ts'
import type { RecordError, RecordWarning } from '../../model/record.ts'
import { copyInto, copyLine } from '../copy.ts'

/** A valid record on its way into the contacts. */
export interface StagedRecord {
  line: number
  contact: ContactValues
  /** The original values, kept only where the merge may still reject the record (shared mobile numbers). */
  original: readonly string[] | null
}

/** What a rejected record says about the preference of a contact. */
export interface RejectedPreference {
  line: number
  contactId: string
  state: OptOutState
}

/** Remarks beyond this many of one kind are counted, not kept: a million unknown Staff IDs are one fact, not a million. */
export const KEPT_WARNINGS = 1_000

/** Holds the records of one batch in temporary tables of its transaction until `merge` applies them all at once. */
export class Stage {
  readonly client: PoolClient
  readonly batchId: string
  readonly warnings: WarningCounts = {}
  staged = 0
  rejected = 0

  constructor(client: PoolClient, batchId: string) {
    this.client = client
    this.batchId = batchId
  }

  /** Makes the tables; they vanish with the transaction. */
  async open(): Promise<void> {
    await this.client.query(`
      create temp table stage (
        line bigint not null, contact_id text not null, first_name text not null, last_name text not null,
        mobile_number text not null, staff_id text, opt_out text, custom_fields jsonb not null, original json
      ) on commit drop`)
    await this.client.query(`
      create temp table stage_preference (line bigint not null, contact_id text not null, state text not null)
      on commit drop`)
  }

  async stage(records: readonly StagedRecord[]): Promise<void> {
    if (records.length === 0) return
    this.staged += records.length
    await copyInto(this.client, 'copy stage from stdin', lines(records))
  }

  /** Keeps rejected records for the error file, and what they say about preferences for the merge. */
  async reject(errors: readonly RecordError[], preferences: readonly RejectedPreference[]): Promise<void> {
    if (errors.length > 0) {
      this.rejected += errors.length
      const { batchId } = this
      await copyInto(
        this.client,
        'copy record_error (batch_id, line, contact_id, errors, record_values) from stdin',
        errors.map((error) =>
          copyLine([batchId, error.line, error.contactId, JSON.stringify(error.errors), JSON.stringify(error.values)]),
        ),
      )
    }
    if (preferences.length > 0)
      await copyInto(
        this.client,
        'copy stage_preference from stdin',
        preferences.map(({ line, contactId, state }) => copyLine([line, contactId, state])),
      )
  }

  async warn(warnings: readonly RecordWarning[]): Promise<void> {
    const kept = warnings.filter(({ code }) => this.count(code) <= KEPT_WARNINGS)
    if (kept.length === 0) return
    await copyInto(
      this.client,
      'copy record_warning (batch_id, line, code, contact_id, message) from stdin',
      kept.map(({ line, code, contactId, message }) => copyLine([this.batchId, line, code, contactId, message])),
    )
  }

  /** Counts `more` of a warning and answers how many there are now. */
  count(code: WarningCode, more = 1): number {
    const now = (this.warnings[code] ?? 0) + more
    if (now > 0) this.warnings[code] = now
    return now
  }
}

function* lines(records: readonly StagedRecord[]): Generator<string> {
  for (const { line, contact, original } of records)
    yield copyLine([
      line,
      contact.contactId,
      contact.firstName,
      contact.lastName,
      contact.mobileNumber,
      contact.staffId,
      contact.optOut,
      customFieldsText(contact.customFields),
      original && JSON.stringify(original),
    ])
}

/** As they will be stored: a blank field is no field. */
function customFieldsText(fields: Record<string, string>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')))
}
