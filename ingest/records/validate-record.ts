import type { ContactValues, OptOutState } from '../../model/contact.ts'
import { FIELD_TITLES, type ImportSettings } from '../../model/import-settings.ts'
import { withoutInvisible } from '../../model/invisible-signs.ts'
import type { FileRecord, RecordFault, ValidatedRecord } from '../../model/record.ts'
import { figure } from '../../model/wording/figure.ts'
import { plainValue, quoted } from './cell.ts'
import { type ColumnMapping, mappedColumns, OPT_OUT } from './column-mapping.ts'
import { contactIdValue, withoutNull } from './contact-id.ts'
import { type MobileRemark, mobileReader } from './mobile-number.ts'
import { type OptOutPreference, optOutReader } from './opt-out.ts'
import { spreadsheetDamage } from './spreadsheet-damage.ts'

/** In characters, as PostgreSQL counts them. */
const MAX_NAME = 255
const MAX_CUSTOM_VALUE = 4_000

/** Tabs and line breaks are none of these. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL_CHARACTER = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/

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
    const fault = loneFault(record, mapping.width, mapped)
    if (fault) return rejected(line, null, [fault], 'damage' in record ? [record.raw] : record.values)
    const cells = (record as { values: string[] }).values
    const errors: RecordFault[] = []

    const contactId = requiredValue(contactIdValue(cells[idColumn] as string), FIELD_TITLES.contactId, errors)
    const idIsGood = errors.length === 0
    const firstName = requiredValue(plainValue(cells[firstNameColumn] as string), FIELD_TITLES.firstName, errors)
    const lastName = requiredValue(plainValue(cells[lastNameColumn] as string), FIELD_TITLES.lastName, errors)
    const faultsBefore = errors.length
    const mobileText = requiredValue(
      withoutNull(plainValue(cells[mobileNumber] as string)),
      FIELD_TITLES.mobileNumber,
      errors,
    )
    let e164 = ''
    let remarks: readonly MobileRemark[] = []
    if (errors.length === faultsBefore) {
      const mobile = readMobile(mobileText)
      if (mobile.ok) {
        e164 = mobile.number
        remarks = mobile.remarks
      } else errors.push({ code: mobile.code, field: FIELD_TITLES.mobileNumber, message: mobile.message })
    }
    const staffId =
      mapping.staffId === null
        ? absentStaffId
        : fieldText(plainValue(cells[mapping.staffId] as string), FIELD_TITLES.staffId, MAX_NAME, errors) || null
    const preference = readOptOut && optOutOf(plainValue(cells[mapping.optOut as number] as string), readOptOut, errors)
    const customFields = customFieldsOf(cells, mapping, settings, errors)

    if (errors.length > 0) {
      const explicit = preference?.ok ? preference.state : null
      return rejected(line, idIsGood ? contactId : null, errors, cells, explicit)
    }
    const optOut = preference?.ok ? preference.state : undefined
    const contact: ContactValues = { contactId, firstName, lastName, mobileNumber: e164, staffId, optOut, customFields }
    return {
      ok: true,
      line,
      contact,
      warnings: remarks.map((code) => ({ line, contactId, code, message: REMARKS[code](quoted(mobileText)) })),
    }
  }
}

/** A fault after which the columns cannot be trusted, so that it stands alone. */
function loneFault(
  record: FileRecord,
  width: number,
  mapped: readonly { column: number; title: string }[],
): RecordFault | null {
  if ('damage' in record) return { code: record.damage, field: null, message: record.message }
  const cells = record.values
  if (cells.length !== width)
    return { code: 'E_COLUMN_COUNT', field: null, message: `Expected ${width} columns, found ${cells.length}.` }
  for (const { column, title } of mapped)
    if ((cells[column] as string).includes('\ufffd'))
      return {
        code: 'E_ENCODING',
        field: title,
        message: `${title} holds the replacement character of an earlier, failed conversion: ${quoted(cells[column] as string)}. Export the file anew in UTF-8.`,
      }
  return null
}

function rejected(
  line: number,
  contactId: string | null,
  errors: RecordFault[],
  values: string[],
  explicit: OptOutState | null = null,
): ValidatedRecord {
  const optOut = contactId !== null && explicit ? { contactId, state: explicit } : null
  return { ok: false, error: { line, contactId, errors, values }, optOut }
}

function fieldText(text: string, title: string, limit: number, errors: RecordFault[]): string {
  if (CONTROL_CHARACTER.test(text))
    errors.push({
      code: 'E_CONTROL_CHARACTER',
      field: title,
      message: `${title} holds ${controlNamed(text)}: ${quoted(text)}.`,
    })
  else if (text.length > limit && [...text].length > limit)
    errors.push({
      code: 'E_TOO_LONG',
      field: title,
      message: `${title} has ${figure([...text].length)} characters; the limit is ${figure(limit)}. It begins ${quoted(text)}.`,
    })
  return text
}

function controlNamed(text: string): string {
  const code = (CONTROL_CHARACTER.exec(text)?.[0] ?? '').charCodeAt(0)
  return code === 0 ? 'a NUL character' : `the control character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

function requiredValue(text: string, title: string, errors: RecordFault[]): string {
  fieldText(text, title, MAX_NAME, errors)
  if (text === '') errors.push({ code: 'E_REQUIRED_BLANK', field: title, message: `${title} is blank.` })
  else if (withoutInvisible(text).trim() === '')
    errors.push({ code: 'E_REQUIRED_BLANK', field: title, message: `${title} is blank: ${quoted(text)}.` })
  // Numbers in scientific notation have a code of their own.
  const damage = title === FIELD_TITLES.mobileNumber && !text.startsWith('#') ? null : spreadsheetDamage(title, text)
  if (damage !== null) errors.push({ code: 'E_SPREADSHEET', field: title, message: damage })
  return text
}

function customFieldsOf(
  cells: readonly string[],
  mapping: ColumnMapping,
  settings: ValidationSettings,
  errors: RecordFault[],
): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const { name, column } of mapping.customFields) {
    const text =
      column === null
        ? absentValue(settings)
        : fieldText(plainValue(cells[column] as string), name, MAX_CUSTOM_VALUE, errors)
    if (text !== undefined) setField(fields, name, text)
  }
  return fields
}

/** A field may be called `__proto__`, which an assignment would not keep. */
function setField(fields: Record<string, string>, name: string, value: string): void {
  if (name !== '__proto__') fields[name] = value
  else Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true })
}

function optOutOf(text: string, read: (value: string) => OptOutPreference, errors: RecordFault[]): OptOutPreference {
  const preference = read(text)
  // A value refused for another reason gets only that message.
  if (!preference.ok) fieldText(text, OPT_OUT, MAX_NAME, errors)
  if (!preference.ok && !errors.some((fault) => fault.field === OPT_OUT))
    errors.push({
      code: 'E_OPTOUT_VALUE',
      field: OPT_OUT,
      message: `${quoted(text)} is neither the opt-in value nor the opt-out value of the settings.`,
    })
  return preference
}

/** For custom fields: undefined keeps the stored value, an empty one clears it. */
function absentValue(settings: ValidationSettings): string | undefined {
  return settings.absentColumn === 'clear' ? '' : undefined
}

/** The argument is the number as written. */
const REMARKS: Record<MobileRemark, (text: string) => string> = {
  W_EXTENSION_IGNORED: (text) => `The extension in ${text} was ignored: a text message cannot be sent to an extension.`,
  W_MOBILE_AREA_UNKNOWN: (text) =>
    `The area code of ${text} is not known to this release; it may be new. The number was taken as written.`,
  W_MOBILE_COUNTRY_DOUBTFUL: (text) =>
    `${text} was read as a number of another country, but without the + it would be a number of the US or Canada. Write +1 in front if it is one.`,
}
