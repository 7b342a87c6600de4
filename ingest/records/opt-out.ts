import type { OptOutState } from '../../model/contact.ts'
import type { ImportSettings, OptOutSettings } from '../../model/import-settings.ts'
import type { ColumnMapping } from './column-mapping.ts'

/** null: the value is empty, and what that means is for the merge, where other records of the same Contact ID are known. */
export type OptOutPreference = { ok: true; state: OptOutState | null } | { ok: false }

/** Reads the values of the opt-out column, which come trimmed; they are compared without case. */
export function optOutReader(
  settings: Pick<OptOutSettings, 'optInValue' | 'optOutValue'>,
): (value: string) => OptOutPreference {
  const optIn = settings.optInValue.trim().toLowerCase()
  const optOut = settings.optOutValue.trim().toLowerCase()
  return (value) => {
    if (value === '') return { ok: true, state: null }
    const compared = value.toLowerCase()
    if (compared === optOut) return { ok: true, state: 'opted_out' }
    if (compared === optIn) return { ok: true, state: 'opted_in' }
    return { ok: false }
  }
}

const EMPTY_MEANS = { keep: null, opt_in: 'opted_in', opt_out: 'opted_out' } as const

/** What an empty value of the opt-out column means; null keeps the stored preference, also where the file has no such column. */
export function emptyOptOutMeans(
  { optOut }: Pick<ImportSettings, 'optOut'>,
  mapping: Pick<ColumnMapping, 'optOut'>,
): OptOutState | null {
  return optOut && mapping.optOut !== null ? EMPTY_MEANS[optOut.emptyMeans] : null
}
