export type OptOutState = 'opted_in' | 'opted_out'

/**
 * Who set the opt-out preference. A person's own word (`contact`) and an administrator's (`admin`) are never turned
 * into an opt-in by an import.
 */
export type OptOutSource = 'default' | 'import' | 'admin' | 'contact'

/** A person of a team as the API shows them; Contact ID is the key within the team. */
export interface Contact {
  contactId: string
  firstName: string
  lastName: string
  /** E.164, e.g. `+17165550101`. */
  mobileNumber: string
  /** `1-716-555-0101` for the countries of the North American plan, E.164 otherwise. */
  mobileDisplay: string
  staffId: string | null
  /** The team's user whom the Staff ID names, if there is one. */
  assignedTo: { staffId: string; name: string; email: string } | null
  optOut: { state: OptOutState; source: OptOutSource; changedAt: string }
  /** By the name of the custom field; a field that holds nothing is absent. */
  customFields: Record<string, string>
  createdAt: string
  updatedAt: string
  lastBatchId: string | null
}

/** The values of a valid record; `undefined`: the column is not mapped or not in the file. */
export interface ContactValues {
  contactId: string
  firstName: string
  lastName: string
  /** E.164. */
  mobileNumber: string
  /** null clears the assignment. */
  staffId: string | null | undefined
  /** The explicit preference of the record; null where its value is empty, whatever the settings make of that. */
  optOut: OptOutState | null | undefined
  /** Only the custom fields whose column the file has (or that are to be cleared); an empty value clears the field. */
  customFields: Record<string, string>
}

/** `1-716-555-0101` for a number of the North American plan, the number itself otherwise. */
export function mobileDisplay(e164: string): string {
  const nanp = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164)
  return nanp ? `1-${nanp[1]}-${nanp[2]}-${nanp[3]}` : e164
}
