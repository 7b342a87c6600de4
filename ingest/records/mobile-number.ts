import { createHash } from 'node:crypto'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import metadata from 'libphonenumber-js/metadata.max'
import type { ImportSettings } from '../../model/import-settings.ts'
import { quoted } from './cell.ts'

/** Tells one release of the numbering plans from another: a number may be valid in one and not in the other. */
export const PHONE_METADATA_VERSION = createHash('sha256').update(JSON.stringify(metadata)).digest('hex').slice(0, 16)

export type MobileNumber =
  | { ok: true /** E.164 */; number: string; extensionIgnored: boolean }
  | { ok: false; code: 'E_MOBILE_INVALID' | 'E_MOBILE_SCIENTIFIC'; message: string }

/** The territories of the United States have country codes of their own in the North American plan. */
const US_AND_CANADA = new Set(['US', 'CA', 'PR', 'VI', 'GU', 'AS', 'MP'])

/** Line breaks are none: what stands on two lines is not one number. */
const SEPARATORS = /[\p{Zs}\t.\-/()\u2010-\u2015\u2212]/gu
const EXTENSION = /[\s,;]*(?:ext(?:ension|n)?\.?\s*:?\s*\d{0,7}|x\.?\s*\d{1,7})$/i
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i
const NANP = /^1?([2-9]\d{2}[2-9]\d{2}\d{4})$/

/** Longer text is no phone number, whatever it holds. */
const MAX_LENGTH = 64

const UNKNOWN = 0
const NOT_ASSIGNED = 1
const ELSEWHERE = 2
const IN_US_OR_CANADA = 3

/**
 * Reads mobile numbers, one function for the records of a file. Whether a number of the North American plan is assigned
 * depends on its area code and exchange alone, so each pair is asked of the library once; numbers written with and
 * without a + take this same way.
 */
export function mobileReader(countries: ImportSettings['mobileCountries']): (text: string) => MobileNumber {
  const assigned = new Uint8Array(1_000_000)
  const assignment = (national: string): number => {
    const prefix = Number(national.slice(0, 6))
    if (assigned[prefix] === UNKNOWN) assigned[prefix] = assignmentOf(national)
    return assigned[prefix] as number
  }
  const northAmerican = (national: string, text: string, extensionIgnored: boolean): MobileNumber => {
    const found = assignment(national)
    if (found === NOT_ASSIGNED) return invalid(text, 'its area code or exchange is not in use')
    if (found === ELSEWHERE && countries === 'us_ca') return foreign(text)
    return { ok: true, number: `+1${national}`, extensionIgnored }
  }
  return (text) => {
    if (text.length > MAX_LENGTH) return invalid(text, 'it is too long')
    if (SCIENTIFIC.test(text))
      return {
        ok: false,
        code: 'E_MOBILE_SCIENTIFIC',
        message: `${quoted(text)} is no phone number any more: a spreadsheet turned it into scientific notation and dropped digits. Export the column as text.`,
      }
    const withoutExtension = text.replace(EXTENSION, '')
    const extensionIgnored = withoutExtension.length < text.length
    // "+44 (0)20": the zero is dialled within the country only and is no part of the number.
    const trunkZero = /^\s*(?:\+|011)[^(]*\(0\)/.test(withoutExtension)
    const digits = (trunkZero ? withoutExtension.replace('(0)', '') : withoutExtension).replace(SEPARATORS, '')
    if (!/^\+?[0-9]+$/.test(digits)) return invalid(text, 'it holds something other than a phone number')
    const abroad = digits.startsWith('+') ? digits.slice(1) : digits.startsWith('011') ? digits.slice(3) : null
    if (abroad === null || abroad.startsWith('1')) {
      const national = abroad === null || abroad.length === 11 ? NANP.exec(abroad ?? digits)?.[1] : undefined
      return national
        ? northAmerican(national, text, extensionIgnored)
        : invalid(text, northAmericanFault(abroad ?? digits))
    }
    const number = parsePhoneNumberFromString(`+${abroad}`)
    // The library drops digits that it takes for a trunk prefix; a number is never cut.
    if (!number?.isValid() || number.number !== `+${abroad}`) return invalid(text, 'no country has such a number')
    return countries === 'us_ca' ? foreign(text) : { ok: true, number: number.number, extensionIgnored }
  }
}

function assignmentOf(national: string): number {
  const number = parsePhoneNumberFromString(`+1${national}`)
  if (!number?.isValid()) return NOT_ASSIGNED
  // Numbers without a country, such as toll-free ones, are not in the United States or Canada alone.
  return number.country && US_AND_CANADA.has(number.country) ? IN_US_OR_CANADA : ELSEWHERE
}

function northAmericanFault(digits: string): string {
  const eleven = digits.length === 11 && digits.startsWith('1')
  if (digits.length !== 10 && !eleven)
    return `a number of the US or Canada has 10 digits, or 11 with a leading 1, and this has ${digits.length}; a number of another country begins with +`
  return 'area code and exchange begin with 2 to 9'
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
