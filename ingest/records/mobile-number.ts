import { createHash } from 'node:crypto'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import metadata from 'libphonenumber-js/metadata.max'
import type { ImportSettings } from '../../model/import-settings.ts'
import { withoutInvisible } from '../../model/invisible-signs.ts'
import { type AreaCode, areaCodes } from './area-codes.ts'
import { plainValue, quoted } from './cell.ts'

/** Tells one release of the numbering plans from another: a number may be valid in one and not in the other. */
export const PHONE_METADATA_VERSION = createHash('sha256').update(JSON.stringify(metadata)).digest('hex').slice(0, 16)

/** A remark on a number that was taken. */
export type MobileRemark = 'W_EXTENSION_IGNORED' | 'W_MOBILE_AREA_UNKNOWN' | 'W_MOBILE_COUNTRY_DOUBTFUL'

export type MobileNumber =
  | { ok: true /** E.164 */; number: string; remarks: readonly MobileRemark[] }
  | { ok: false; code: 'E_MOBILE_INVALID' | 'E_MOBILE_SCIENTIFIC'; message: string }

/** The territories of the United States have country codes of their own in the North American plan. */
const US_AND_CANADA = new Set(['US', 'CA', 'PR', 'VI', 'GU', 'AS', 'MP'])

/** No line breaks: text on two lines is not one number. */
const SEPARATOR = '[ \\t\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000.\\-/()\\u2010-\\u2015\\u2212]*'
const SEPARATORS = new RegExp(SEPARATOR, 'g')
/** A number of the North American plan, divided only after the leading 1, the area code and the exchange. */
const WRITTEN = `(?:1${SEPARATOR})?\\(?([2-9]\\d{2})${SEPARATOR}([2-9]\\d{2})${SEPARATOR}(\\d{4})`
const NANP = new RegExp(`^\\(?${WRITTEN}$`)
/** The same after a + or 011, where the 1 is required. */
const NANP_ABROAD = new RegExp(`^${SEPARATOR}(?=1)${WRITTEN}$`)
const ABROAD = /^\(?(?:\+|011)/
const EXTENSION = /[\s,;]*(?:ext(?:ension|n)?\.?\s*:?\s*\d{0,7}|x\.?\s*\d{1,7})$/i
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i
/** The zero in brackets behind a country code: "+44 (0)20". */
const TRUNK_ZERO = new RegExp(`^(${SEPARATOR}\\d{1,3}${SEPARATOR})\\(0\\)`)
/** A single dot with one or two digits at the end: a spreadsheet or database made the number a decimal fraction. */
const FRACTION = /^[^.]*\.\d{1,2}$/
const ALL_ALIKE = /^(\d)\1*$/

/** Longer text is no phone number, whatever it holds. */
const MAX_LENGTH = 64

const NOT_ASKED = 0
const NOT_ASSIGNED = 1
const ELSEWHERE = 2
const IN_US_OR_CANADA = 3
const AREA_UNKNOWN = 4

const NO_REMARKS: readonly MobileRemark[] = []

/**
 * Reads mobile numbers, one function for the records of a file. Whether a number of the North American plan is assigned
 * depends on its area code and exchange alone, so each pair is asked of the library once; numbers written with and
 * without a + take this same way. Signs that do not print are left out first.
 */
export function mobileReader(countries: ImportSettings['mobileCountries']): (text: string) => MobileNumber {
  const assigned = new Uint8Array(1_000_000)
  const areaCode = areaCodes()
  const assignment = (national: string): number => {
    const prefix = Number(national.slice(0, 6))
    if (assigned[prefix] === NOT_ASKED) assigned[prefix] = assignmentOf(national, areaCode)
    return assigned[prefix] as number
  }
  const northAmerican = ([, area, exchange, line]: RegExpExecArray, text: string): MobileNumber => {
    const national = `${area}${exchange}${line}`
    const found = assignment(national)
    if (found === NOT_ASSIGNED) return invalid(text, 'its area code or exchange is not in use')
    if (found === ELSEWHERE && countries === 'us_ca') return foreign(text)
    if (area === exchange && ALL_ALIKE.test(national)) return invalid(text, 'it is a filler')
    return {
      ok: true,
      number: `+1${national}`,
      remarks: found === AREA_UNKNOWN ? ['W_MOBILE_AREA_UNKNOWN'] : NO_REMARKS,
    }
  }
  /** `written` follows the + or 011. */
  const abroad = (written: string, text: string, plus: boolean): MobileNumber => {
    const digits = written.replace(SEPARATORS, '')
    if (!/^[0-9]+$/.test(digits)) return invalid(text, 'it holds something other than a phone number')
    if (digits.startsWith('1')) {
      const written11 = NANP_ABROAD.exec(written)
      return written11 ? northAmerican(written11, text) : invalid(text, northAmericanFault(digits))
    }
    if (FRACTION.test(written)) return invalid(text, 'it ends like a decimal fraction')
    const number = parsePhoneNumberFromString(`+${digits}`)
    // The library drops digits that it takes for a trunk prefix; a number is never cut.
    if (!number?.isValid() || number.number !== `+${digits}`) return invalid(text, 'no country has such a number')
    if (ALL_ALIKE.test(digits)) return invalid(text, 'it is a filler')
    if (countries === 'us_ca') return foreign(text)
    const doubtful = plus && /^[2-9]\d{2}[2-9]\d{6}$/.test(digits) && assignment(digits) === IN_US_OR_CANADA
    return { ok: true, number: number.number, remarks: doubtful ? ['W_MOBILE_COUNTRY_DOUBTFUL'] : NO_REMARKS }
  }
  const withoutExtension = (written: string, text: string): MobileNumber => {
    const prefix = ABROAD.exec(written)?.[0]
    if (prefix === undefined) {
      const digits = written.replace(SEPARATORS, '')
      if (!/^[0-9]+$/.test(digits)) return invalid(text, 'it holds something other than a phone number')
      const parts = NANP.exec(written)
      return parts ? northAmerican(parts, text) : invalid(text, northAmericanFault(digits))
    }
    const behind = written.slice(prefix.length)
    const plus = prefix.endsWith('+')
    const asWritten = abroad(behind, text, plus)
    if (asWritten.ok || !TRUNK_ZERO.test(behind)) return asWritten
    // "+44 (0)20": the zero is dialled within the country only. In Italy, "+39 (0)321", it belongs to the number.
    return abroad(behind.replace(TRUNK_ZERO, '$1'), text, plus)
  }
  return (text) => {
    if (text.length > MAX_LENGTH) return invalid(text, 'it is too long')
    const plain = NANP.exec(text)
    if (plain) return northAmerican(plain, text)
    const visible = plainValue(withoutInvisible(text))
    if (SCIENTIFIC.test(visible))
      return {
        ok: false,
        code: 'E_MOBILE_SCIENTIFIC',
        message: `${quoted(text)} is no phone number any more: a spreadsheet turned it into scientific notation and dropped digits. Export the column as text.`,
      }
    const written = visible.replace(EXTENSION, '')
    const read = withoutExtension(written, text)
    return read.ok && written.length < visible.length
      ? { ...read, remarks: ['W_EXTENSION_IGNORED', ...read.remarks] }
      : read
  }
}

function assignmentOf(national: string, areaCode: (area: string) => AreaCode): number {
  const area = areaCode(national.slice(0, 3))
  if (area !== 'in_use') return area === 'unknown' ? AREA_UNKNOWN : NOT_ASSIGNED
  const number = parsePhoneNumberFromString(`+1${national}`)
  if (!number?.isValid()) return NOT_ASSIGNED
  // Numbers without a country, such as toll-free ones, are not in the United States or Canada alone.
  return number.country && US_AND_CANADA.has(number.country) ? IN_US_OR_CANADA : ELSEWHERE
}

function northAmericanFault(digits: string): string {
  const eleven = digits.length === 11 && digits.startsWith('1')
  if (digits.length !== 10 && !eleven)
    return `a number of the US or Canada has 10 digits, or 11 with a leading 1, and this has ${digits.length}; a number of another country begins with +`
  if (!/^1?[2-9]\d{2}[2-9]/.test(digits)) return 'area code and exchange begin with 2 to 9'
  return 'its digits are not divided as a number of the US or Canada is, behind the area code and the exchange'
}

function invalid(text: string, why: string): MobileNumber {
  return { ok: false, code: 'E_MOBILE_INVALID', message: `${quoted(text)} is not a valid phone number: ${why}.` }
}

function foreign(text: string): MobileNumber {
  return {
    ok: false,
    code: 'E_MOBILE_INVALID',
    message: `${quoted(text)} is a number outside the US and Canada, and this team takes numbers of the US and Canada only.`,
  }
}
