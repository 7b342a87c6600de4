import type { AdditionalField } from './import-settings.ts'
import { FIELD_TITLES } from './import-settings.ts'

/** A custom field of one contact, with what may be done with it. */
export interface CustomField {
  name: string
  /** null where the contact has none. */
  value: string | null
  mergeable: boolean
  visibleToUser: boolean
}

/** Own properties only: a field may be called `constructor`. */
export function customField(values: Record<string, string>, name: string): string | null {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null
}

/** The custom fields of a contact in the order of the settings; stored fields without a setting come last, hidden. */
export function customFieldsOf(settings: readonly AdditionalField[], values: Record<string, string>): CustomField[] {
  const stored = new Map(Object.entries(values))
  const fields: CustomField[] = settings.map(({ name, mergeable, visibleToUser }) => {
    const value = stored.get(name) ?? null
    stored.delete(name)
    return { name, value, mergeable, visibleToUser }
  })
  for (const [name, value] of stored) fields.push({ name, value, mergeable: false, visibleToUser: false })
  return fields
}

/** Placeholder for a field of the recipient. */
export interface MergeField {
  name: string
  tag: string
}

/** First and last name, and the custom fields that are marked as mergeable. */
export function mergeFields(settings: readonly AdditionalField[]): MergeField[] {
  const custom = settings.filter(({ mergeable }) => mergeable).map(({ name }) => name)
  return [FIELD_TITLES.firstName, FIELD_TITLES.lastName, ...custom].map((name) => ({ name, tag: `{{${name}}}` }))
}
