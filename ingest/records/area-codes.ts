import metadata from 'libphonenumber-js/metadata.max'

/** Where a plan of the library's metadata keeps the patterns of its kinds of numbers, each as `[pattern, lengths]`. */
const KINDS_OF_NUMBERS = 11

/** Middle digit 9 (kept to lengthen the numbers one day), N11 (services such as 911), 37X and 96X (kept whole). */
const NEVER_ASSIGNED = /^(?:.9.|.11|37.|96.)$/

/** Of the North American Numbering Plan. */
export type AreaCode = 'in_use' | 'unknown' | 'impossible'

/** Tells of each area code what the numbering plan of this release knows; each is looked up once. */
export function areaCodes(): (area: string) => AreaCode {
  const told = new Map<string, AreaCode>()
  const patterns = (metadata.country_calling_codes['1'] ?? [])
    .flatMap((country) => (metadata.countries[country]?.[KINDS_OF_NUMBERS] ?? []) as (readonly string[] | 0)[])
    .flatMap((kind) => (kind && kind[0] !== undefined ? [new RegExp(`^(?:${kind[0]})$`)] : []))
  const isInUse = (area: string) => {
    for (let exchange = 200; exchange < 1_000; exchange++)
      if (patterns.some((pattern) => pattern.test(`${area}${exchange}0123`))) return true
    return false
  }
  return (area) => {
    const known = told.get(area)
    if (known) return known
    const found = NEVER_ASSIGNED.test(area) ? 'impossible' : isInUse(area) ? 'in_use' : 'unknown'
    told.set(area, found)
    return found
  }
}
