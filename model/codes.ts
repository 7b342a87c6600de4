/** Why a whole file cannot be imported. */
export const FILE_CODES = [
  'F_EMPTY',
  'F_NOT_TEXT',
  'F_ENCODING',
  'F_HEADER_MISSING',
  'F_COLUMN_MISSING',
  'F_HEADER_DUPLICATE',
  'F_COLUMN_SHIFT',
  'F_TOO_DAMAGED',
  'F_UNREADABLE',
] as const
export type FileCode = (typeof FILE_CODES)[number]

/** Why a record is rejected. */
export const ERROR_CODES = [
  'E_REQUIRED_BLANK',
  'E_MOBILE_INVALID',
  'E_MOBILE_SCIENTIFIC',
  'E_MOBILE_SHARED',
  'E_OPTOUT_VALUE',
  'E_COLUMN_COUNT',
  'E_QUOTE',
  'E_ENCODING',
  'E_TOO_LONG',
  'E_CONTROL_CHARACTER',
  'E_SPREADSHEET',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** The record or file is imported all the same. */
export const WARNING_CODES = [
  'W_DUPLICATE_CONTACT_ID',
  'W_MOBILE_SHARED',
  'W_EXTENSION_IGNORED',
  'W_STAFF_UNKNOWN',
  'W_COLUMN_ABSENT',
  'W_OPTOUT_COLUMN_ABSENT',
  'W_OPTIN_BLOCKED',
  'W_OPTOUT_APPLIED_FROM_BAD_RECORD',
  'W_IDENTICAL_FILE',
  'W_NO_RECORDS',
  'W_AFTER_IMPORT_FAILED',
  'W_RECORD_COUNT_DROP',
  'W_MASS_CHANGE',
  'W_FIELD_MASS_CLEARED',
  'W_ENCODING_FALLBACK',
  'W_OPTOUT_BY_NUMBER',
  'W_MOBILE_AREA_UNKNOWN',
  'W_MOBILE_COUNTRY_DOUBTFUL',
] as const
export type WarningCode = (typeof WARNING_CODES)[number]

/** How many times each warning was given in a batch. */
export type WarningCounts = Partial<Record<WarningCode, number>>
