import type { ContactValues, OptOutState } from '../../model/contact.ts'
import type { RecordError } from '../../model/record.ts'
import { copyLine } from '../postgres/copy-text.ts'
import { CONTACT_VALUES } from './contact-columns.ts'

/** A valid record on its way into the contacts. */
export interface StagedRecord {
  line: number
  contact: ContactValues
  /** The original values, kept only where the merge may still reject the record (shared mobile numbers). */
  original: readonly string[] | null
  /** Lets the next import recognise the contact; null makes it compare the contact in full. */
  hash?: string | null
}

/** A contact's preference as given by a rejected record. */
export interface RejectedPreference {
  line: number
  contactId: string
  state: OptOutState
}

export const COPY_STAGE = 'copy stage from stdin'

export function stagedLine({ line, contact, original, hash }: StagedRecord): string {
  return copyLine([
    line,
    contact.contactId,
    contact.firstName,
    contact.lastName,
    contact.mobileNumber,
    contact.staffId,
    contact.optOut,
    customFieldsText(contact.customFields),
    original && JSON.stringify(original),
    hash,
  ])
}

export const COPY_CONTACT = `copy contact (team_id, contact_id, ${CONTACT_VALUES},
  opted_out, opt_out_source, record_hash, last_batch_id) from stdin`

/** A contact that is known to be new. `preference` is what the record and the settings make of it; null is the default. */
export function contactLine(
  batch: { id: string; teamId: number },
  contact: ContactValues,
  preference: OptOutState | null,
  hash: string | null,
): string {
  return copyLine([
    batch.teamId,
    contact.contactId,
    contact.firstName,
    contact.lastName,
    contact.mobileNumber,
    contact.staffId,
    customFieldsText(contact.customFields),
    preference === 'opted_out',
    preference === null ? 'default' : 'import',
    hash,
    batch.id,
  ])
}

export const COPY_ERRORS = 'copy record_error (batch_id, line, contact_id, errors, record_values) from stdin'

export function errorLine(batchId: string, { line, contactId, errors, values }: RecordError): string {
  return copyLine([batchId, line, contactId, JSON.stringify(errors), JSON.stringify(values)])
}

export const COPY_PREFERENCES = 'copy stage_preference from stdin'

export function preferenceLine({ line, contactId, state }: RejectedPreference): string {
  return copyLine([line, contactId, state])
}

/** As they will be stored: a blank field is no field. */
function customFieldsText(fields: Record<string, string>): string {
  let text = ''
  for (const name of Object.keys(fields)) {
    const value = fields[name] as string
    if (value !== '') text += `${text === '' ? '{' : ','}${jsonText(name)}:${jsonText(value)}`
  }
  return text === '' ? '{}' : `${text}}`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
const ESCAPED_IN_JSON = /["\\\u0000-\u001f\ud800-\udfff]/

function jsonText(text: string): string {
  return ESCAPED_IN_JSON.test(text) ? JSON.stringify(text) : `"${text}"`
}
