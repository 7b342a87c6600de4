/**
 * A formatter of moments for any time zone. To make one costs a hundred times what its use costs, so that of each zone is
 * kept.
 */
export function formatterByZone(
  locale: string,
  options: Intl.DateTimeFormatOptions,
): (timeZone: string) => Intl.DateTimeFormat {
  const kept = new Map<string, Intl.DateTimeFormat>()
  return (timeZone) => {
    const formatter = kept.get(timeZone) ?? new Intl.DateTimeFormat(locale, { timeZone, ...options })
    kept.set(timeZone, formatter)
    return formatter
  }
}

/** A format of moments in any time zone. */
export function zonedFormat(
  locale: string,
  options: Intl.DateTimeFormatOptions,
): (instant: Date, timeZone: string) => string {
  const formatter = formatterByZone(locale, options)
  return (instant, timeZone) => formatter(timeZone).format(instant)
}
