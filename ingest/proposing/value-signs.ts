import { plainValue } from '../records/cell.ts'
import { contactIdValue, withoutNull } from '../records/contact-id.ts'
import { mobileReader } from '../records/mobile-number.ts'

/** A column with the values of the first records, in their order. */
export interface SampledColumn {
  name: string
  values: readonly string[]
}

/** What the values of a column look like; each share is of the values that are not empty. */
export interface ValueSigns {
  records: number
  /** Of all records. */
  filled: number
  distinct: number
  phones: number
  /** Phones written with a + or divided as only phones are. */
  writtenAsPhones: number
  ids: number
  names: number
  /** Counts up by one from record to record: numbers of lines, or of records. */
  counted: boolean
}

const ID = /^[\p{L}\p{N}][\p{L}\p{N}._\-/]{0,39}$/u
/** Dates, times, social security numbers, universally unique identifiers. */
const NO_ID =
  /^(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{3}-\d{2}-\d{4}|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|y|n|yes|no|true|false)$/i
const NAME = /^\p{L}[\p{L}\p{M}' .,’-]*$/u
const NO_NAME = /^(?:y|n|yes|no|true|false|null|none|n\/?a|[A-Z]{3}\d+)$/i
const PHONE_SIGNS = /^\s*\+|^[\s(]*\d{3}[)\s.-]+\d{3}[\s.-]+\d{4}$/

/** Looks at the values of columns, at each column once. */
export function valueSignsReader(): (values: readonly string[]) => ValueSigns {
  let readMobile: ReturnType<typeof mobileReader> | undefined
  const isPhone = (value: string) => {
    // Most text is no number, and a reader takes long to make.
    if (!/\d{4}/.test(value)) return false
    readMobile ??= mobileReader('any')
    return readMobile(value).ok
  }
  const seen = new Map<readonly string[], ValueSigns>()
  return (values) => {
    const signs = seen.get(values) ?? valueSigns(values, isPhone)
    seen.set(values, signs)
    return signs
  }
}

function valueSigns(values: readonly string[], isPhone: (value: string) => boolean): ValueSigns {
  const filled = values.map((value) => withoutNull(plainValue(value))).filter((value) => value !== '')
  const share = (fits: (value: string) => boolean) =>
    filled.length === 0 ? 0 : filled.filter(fits).length / filled.length
  const phones = new Set(filled.filter(isPhone))
  return {
    records: values.length,
    filled: values.length === 0 ? 0 : filled.length / values.length,
    distinct: filled.length === 0 ? 0 : new Set(filled.map((value) => contactIdValue(value))).size / filled.length,
    phones: share((value) => phones.has(value)),
    writtenAsPhones: share((value) => phones.has(value) && PHONE_SIGNS.test(value)),
    ids: share((value) => ID.test(value) && !NO_ID.test(value)),
    names: share((value) => NAME.test(value) && !NO_NAME.test(value)),
    counted: isCounted(filled),
  }
}

function isCounted(values: readonly string[]): boolean {
  return (
    values.length > 1 &&
    values.every((value) => /^\d+$/.test(value)) &&
    values.every((value, index) => index === 0 || Number(value) === Number(values[index - 1]) + 1) &&
    Number(values[0]) <= 1
  )
}
