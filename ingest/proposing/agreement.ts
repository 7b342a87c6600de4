import { withoutInvisible } from '../../model/invisible-signs.ts'
import type { StoredContact } from '../../store/contacts/known-contacts.ts'
import { plainValue } from '../records/cell.ts'
import { contactIdValue } from '../records/contact-id.ts'
import { mobileReader } from '../records/mobile-number.ts'
import type { ProposedField } from './name-signs.ts'
import type { AgreementOf } from './propose-columns.ts'
import type { SampledColumn } from './value-signs.ts'

/**
 * Compares columns with the contacts that a team has. A contact is found by its Contact ID. Where that is the column to find,
 * an ID counts if the same record holds the contact's last name or number too: "Roommate ID" holds known IDs as well.
 */
export function agreementWith(
  known: ReadonlyMap<string, StoredContact>,
  mapped: Partial<Record<ProposedField, SampledColumn>>,
): AgreementOf {
  const readMobile = mobileReader('any')
  const sameText = (one: string, other: string | null) => lower(one) === lower(other ?? '')
  const sameNumber = (cell: string, number: string) => {
    const read = readMobile(plainValue(cell))
    return read.ok && read.number === number
  }
  const agrees = (field: ProposedField, cell: string, contact: StoredContact) => {
    if (field === 'mobileNumber') return sameNumber(cell, contact.mobileNumber)
    return (field === 'firstName' || field === 'lastName' || field === 'staffId') && sameText(cell, contact[field])
  }
  const isTheirs = (record: number, contact: StoredContact) =>
    (['lastName', 'mobileNumber'] as const).some((field) => agrees(field, mapped[field]?.values[record] ?? '', contact))
  const contactAt = (column: SampledColumn | undefined, record: number) =>
    known.get(contactIdValue(column?.values[record] ?? ''))

  return (field, column) => {
    if (known.size === 0 || field === 'optOut') return null
    const filled = [...column.values.keys()].filter((record) => lower(column.values[record] ?? '') !== '')
    if (field === 'contactId') {
      if (!mapped.lastName && !mapped.mobileNumber) return null
      const own = filled.filter((record) => {
        const contact = contactAt(column, record)
        return contact !== undefined && isTheirs(record, contact)
      })
      return { compared: filled.length, equal: own.length }
    }
    let compared = 0
    let equal = 0
    for (const record of filled) {
      const contact = contactAt(mapped.contactId, record)
      if (!contact) continue
      compared++
      if (agrees(field, column.values[record] as string, contact)) equal++
    }
    return { compared, equal }
  }
}

function lower(text: string): string {
  return withoutInvisible(plainValue(text)).toLowerCase()
}
