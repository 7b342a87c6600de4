import type { ErrorCode } from './codes.ts'

/** What is wrong with a record, in a few words, wherever its code is shown to people; `field` is the title of the field. */
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
}
