import type { OptOutState } from '../model/contact.ts'
import type { OptOutSettings } from '../model/import-settings.ts'

export type OptOutPreference =
  | {
      ok: true /** null keeps what is stored. */
      state: OptOutState | null /** Said by the value itself, not by the setting for empty ones. */
      explicit: boolean
    }
  | { ok: false }

/** Reads the values of the opt-out column, which come trimmed; they are compared without case. */
export function optOutReader(settings: OptOutSettings): (value: string) => OptOutPreference {
  const optIn = settings.optInValue.trim().toLowerCase()
  const optOut = settings.optOutValue.trim().toLowerCase()
  const forEmpty: Record<OptOutSettings['emptyMeans'], OptOutState | null> = {
    keep: null,
    opt_in: 'opted_in',
    opt_out: 'opted_out',
  }
  return (value) => {
    if (value === '') return { ok: true, state: forEmpty[settings.emptyMeans], explicit: false }
    const compared = value.toLowerCase()
    if (compared === optOut) return { ok: true, state: 'opted_out', explicit: true }
    if (compared === optIn) return { ok: true, state: 'opted_in', explicit: true }
    return { ok: false }
  }
}
