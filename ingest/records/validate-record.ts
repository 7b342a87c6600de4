import type { ErrorCode } from '../../model/codes.ts'
import type { ContactValues } from '../../model/contact.ts'
import { FIELD_TITLES, type ImportSettings } from '../../model/import-settings.ts'
import type { FileRecord, RecordFault, RecordWarning, ValidatedRecord } from '../../model/record.ts'
import { plainValue, quoted } from './cell.ts'
import { type ColumnMapping, mappedColumns, OPT_OUT } from './column-mapping.ts'
import { mobileReader } from './mobile-number.ts'
import { type OptOutPreference, optOutReader } from './opt-out.ts'

/** In characters, as PostgreSQL counts them. */
const MAX_NAME = 255
const MAX_CUSTOM_VALUE = 4_000

type ValidationSettings = Pick<ImportSettings, 'fields' | 'optOut' | 'absentColumn' | 'mobileCountries'>

/** The rules of one batch, put together once: a record is a contact, or all its faults are listed. */
export function recordValidator(
  settings: ValidationSettings,
  mapping: ColumnMapping,
): (record: FileRecord) => ValidatedRecord {
  const readMobile = mobileReader(settings.mobileCountries)
  const readOptOut = settings.optOut && mapping.optOut !== null ? optOutReader(settings.optOut) : null
  const absentStaffId = settings.fields.staffId !== null && settings.absentColumn === 'clear' ? null : undefined
  const mapped = mappedColumns(mapping)
  const { contactId: idColumn, firstName: firstNameColumn, lastName: lastNameColumn, mobileNumber } = mapping.fields

  return (record) => {
    const { line } = record
    if ('damage' in record) {
      const fault = { code: record.damage, field: null, message: record.message }
      return { ok: false, error: { line, contactId: null, errors: [fault], values: [record.raw] }, optOut: null }
    }
    const cells = record.values
    const alone = (code: ErrorCode, field: string | null, message: string): ValidatedRecord => ({
      ok: false,
      error: { line, contactId: null, errors: [{ code, field, message }], values: cells },
      optOut: null,
    })
    if (cells.length !== mapping.width)
      return alone('E_COLUMN_COUNT', null, `Expected ${mapping.width} columns, found ${cells.length}.`)
    for (const { column, title } of mapped)
      if ((cells[column] as string).includes('\ufffd'))
        return alone(
          'E_ENCODING',
          title,
          `${title} holds the replacement character of an earlier, failed conversion: ${quoted(cells[column] as string)}. Export the file anew in UTF-8.`,
        )

    const errors: RecordFault[] = []
    const value = (column: number, title: string, limit: number): string => {
      const text = plainValue(cells[column] as string)
      if (text.includes('\0'))
        errors.push({
          code: 'E_CONTROL_CHARACTER',
          field: title,
          message: `${title} holds a NUL character: ${quoted(text)}.`,
        })
      else if (text.length > limit && [...text].length > limit)
        errors.push({
          code: 'E_TOO_LONG',
          field: title,
          message: `${title} has ${count([...text].length)} characters; the limit is ${count(limit)}. It begins ${quoted(text)}.`,
        })
      return text
    }
    const required = (column: number, title: string): string => {
      const text = value(column, title, MAX_NAME)
      if (text === '') errors.push({ code: 'E_REQUIRED_BLANK', field: title, message: `${title} is blank.` })
      return text
    }

    const contactId = required(idColumn, FIELD_TITLES.contactId)
    const idIsGood = errors.length === 0
    const firstName = required(firstNameColumn, FIELD_TITLES.firstName)
    const lastName = required(lastNameColumn, FIELD_TITLES.lastName)
    const faultsBefore = errors.length
    const mobileText = required(mobileNumber, FIELD_TITLES.mobileNumber)
    let e164 = ''
    let extensionIgnored = false
    if (errors.length === faultsBefore) {
      const mobile = readMobile(mobileText)
      if (mobile.ok) {
        e164 = mobile.number
        extensionIgnored = mobile.extensionIgnored
      } else errors.push({ code: mobile.code, field: FIELD_TITLES.mobileNumber, message: mobile.message })
    }
    const staffId =
      mapping.staffId === null ? absentStaffId : value(mapping.staffId, FIELD_TITLES.staffId, MAX_NAME) || null
    const preference = readOptOut && optOutOf(value(mapping.optOut as number, OPT_OUT, MAX_NAME), readOptOut, errors)
    const customFields: Record<string, string> = {}
    for (const { name, column } of mapping.customFields) {
      const text = column === null ? absentValue(settings) : value(column, name, MAX_CUSTOM_VALUE)
      if (text !== undefined) setField(customFields, name, text)
    }

    if (errors.length > 0) {
      const explicit = preference?.ok ? preference.state : null
      const error = { line, contactId: idIsGood ? contactId : null, errors, values: cells }
      return { ok: false, error, optOut: idIsGood && explicit ? { contactId, state: explicit } : null }
    }
    const optOut = preference?.ok ? preference.state : undefined
    const contact: ContactValues = { contactId, firstName, lastName, mobileNumber: e164, staffId, optOut, customFields }
    return {
      ok: true,
      line,
      contact,
      warnings: extensionIgnored ? [extensionWarning(line, contactId, mobileText)] : [],
    }
  }
}

/** A field may be called `__proto__`, which an assignment would not keep. */
function setField(fields: Record<string, string>, name: string, value: string): void {
  if (name !== '__proto__') fields[name] = value
  else Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Where the opt-out value is refused, other faults of the value are listed already. */
function optOutOf(text: string, read: (value: string) => OptOutPreference, errors: RecordFault[]): OptOutPreference {
  const preference = read(text)
  if (!preference.ok && !errors.some((fault) => fault.field === OPT_OUT))
    errors.push({
      code: 'E_OPTOUT_VALUE',
      field: OPT_OUT,
      message: `${quoted(text)} is neither the opt-in value nor the opt-out value of the settings.`,
    })
  return preference
}

/** What an absent column says about a custom field: nothing, or that it is to be cleared. */
function absentValue(settings: ValidationSettings): string | undefined {
  return settings.absentColumn === 'clear' ? '' : undefined
}

function extensionWarning(line: number, contactId: string, text: string): RecordWarning {
  return {
    line,
    contactId,
    code: 'W_EXTENSION_IGNORED',
    message: `The extension in ${quoted(text)} was ignored: a text message cannot be sent to an extension.`,
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
