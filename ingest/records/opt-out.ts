import type { OptOutState } from '../../model/contact.ts'
import type { ImportSettings, OptOutSettings } from '../../model/import-settings.ts'
import { withoutInvisible } from '../../model/invisible-signs.ts'

/** null: the value is empty, and what that means is for the merge, where other records of the same Contact ID are known. */
export type OptOutPreference = { ok: true; state: OptOutState | null } | { ok: false }

/** Reads the values of the opt-out column; they are compared without case, blanks and what does not print. */
export function optOutReader(
  settings: Pick<OptOutSettings, 'optInValue' | 'optOutValue'>,
): (value: string) => OptOutPreference {
  const optIn = compared(settings.optInValue)
  const optOut = compared(settings.optOutValue)
  return (value) => {
    const said = compared(value)
    if (said === '') return { ok: true, state: null }
    if (said === optOut) return { ok: true, state: 'opted_out' }
    if (said === optIn) return { ok: true, state: 'opted_in' }
    return { ok: false }
  }
}

/** Ctrl-Z is how DOS ended a file. */
function compared(value: string): string {
  return withoutInvisible(value).replaceAll('\x1a', '').trim().toLowerCase()
}

const EMPTY_MEANS = { keep: null, opt_in: 'opted_in', opt_out: 'opted_out' } as const

/** For a new contact an absent column means the same as an empty value. Null keeps the preference. */
export function emptyOptOutMeans({ optOut }: Pick<ImportSettings, 'optOut'>): OptOutState | null {
  return optOut && EMPTY_MEANS[optOut.emptyMeans]
}
