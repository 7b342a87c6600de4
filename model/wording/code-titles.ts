import type { ErrorCode, FileCode, WarningCode } from '../codes.ts'

/** Why a file was not imported, behind "not imported, ...". */
export const FILE_CODE_TITLES: Record<FileCode, string> = {
  F_EMPTY: 'the file is empty',
  F_NOT_TEXT: 'the file is not delimited text',
  F_ENCODING: 'the file is not in the encoding it seems or is set to have',
  F_HEADER_MISSING: 'the header is missing',
  F_COLUMN_MISSING: 'a required column is missing',
  F_HEADER_DUPLICATE: 'a mapped column stands twice in the header',
  F_COLUMN_SHIFT: 'row names without a header shift every column',
  F_TOO_DAMAGED: 'too many quotes are not closed',
  F_UNREADABLE: 'the file could not be read',
}

/** A warning and its count: "3 phone extensions ignored". */
export const WARNING_TITLES: Record<WarningCode, string> = {
  W_DUPLICATE_CONTACT_ID: 'records superseded by a later record of the same Contact ID',
  W_MOBILE_SHARED: 'contacts share a mobile number',
  W_EXTENSION_IGNORED: 'phone extensions ignored',
  W_STAFF_UNKNOWN: 'Staff IDs that are no user of the team',
  W_COLUMN_ABSENT: 'mapped columns absent from the file',
  W_OPTOUT_COLUMN_ABSENT: 'opt-out column absent from the file; stored preferences kept',
  W_OPTIN_BLOCKED: 'opt-ins not applied to people who opted out themselves or were opted out by an administrator',
  W_OPTOUT_APPLIED_FROM_BAD_RECORD: 'opt-outs applied from rejected records',
  W_IDENTICAL_FILE: 'the file is identical to an earlier one',
  W_NO_RECORDS: 'the file holds a header and no records',
  W_AFTER_IMPORT_FAILED: 'the file could not be moved or deleted after the import',
  W_RECORD_COUNT_DROP: 'far fewer records than before',
  W_MASS_CHANGE: 'an unusual number of contacts changed',
  W_FIELD_MASS_CLEARED: 'a field was cleared for many contacts',
  W_ENCODING_FALLBACK: 'the file was read as Windows-1252',
  W_OPTOUT_BY_NUMBER: 'contacts opted out because their mobile number had opted out before',
  W_MOBILE_AREA_UNKNOWN: 'mobile numbers with an area code that this release does not know',
  W_MOBILE_COUNTRY_DOUBTFUL: 'mobile numbers of another country that may be of the US or Canada',
}

/** Shown to people beside each error code; `field` is the title of the field. */
export const ERROR_TITLES: Record<ErrorCode, (field: string) => string> = {
  E_REQUIRED_BLANK: (field) => `${field} is blank`,
  E_MOBILE_INVALID: () => 'The mobile number is not valid',
  E_MOBILE_SCIENTIFIC: () => 'A spreadsheet damaged the mobile number',
  E_MOBILE_SHARED: () => 'Another contact has this mobile number',
  E_OPTOUT_VALUE: () => 'The value is neither the opt-in nor the opt-out value',
  E_COLUMN_COUNT: () => 'Too many or too few values for the header',
  E_QUOTE: () => 'A quotation mark is not closed, or is inside a value',
  E_ENCODING: () => 'A character cannot be read',
  E_TOO_LONG: (field) => `${field} is too long`,
  E_CONTROL_CHARACTER: (field) => `${field} contains a control character`,
  E_SPREADSHEET: (field) => `A spreadsheet damaged ${field}`,
}
