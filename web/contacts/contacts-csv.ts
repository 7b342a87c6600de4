import { BYTE_ORDER_MARK } from '../../ingest/formats/encoding.ts'
import { recordText } from '../../ingest/records/record-text.ts'
import { customField } from '../../model/custom-fields.ts'
import { FIELD_TITLES } from '../../model/import-settings.ts'
import { listContacts } from '../../store/contacts/contact-list.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import { allItems } from '../http/answers/all-pages.ts'

/** A contact may hold 25 fields of 4,000 characters. */
const AT_A_TIME = 200
/** Characters that are sent together. */
const PART = 64 * 1024

/** Every contact of a team by Contact ID, with the fields that are mapped now. */
export async function* contactsCsv(db: Database, teamId: number): AsyncGenerator<string> {
  const names = (await currentSettings(db, teamId)).additionalFields.map(({ name }) => name)
  let part = BYTE_ORDER_MARK + recordText([...Object.values(FIELD_TITLES), 'Opted Out', ...names])
  for await (const contact of allItems((after) => listContacts(db, teamId, { after, limit: AT_A_TIME }))) {
    const { contactId, firstName, lastName, mobileNumber, staffId, optOut, customFields } = contact
    const optedOut = optOut.state === 'opted_out' ? 'Y' : 'N'
    const values = names.map((name) => customField(customFields, name) ?? '')
    part += recordText([contactId, firstName, lastName, mobileNumber, staffId, optedOut, ...values])
    if (part.length < PART) continue
    yield part
    part = ''
  }
  yield part
}
