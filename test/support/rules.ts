import { expect } from 'vitest'
import type { ErrorCode, WarningCounts } from '../../model/codes.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { BatchCounts } from '../../model/run.ts'
import { setOptOut } from '../../store/contacts/contact-list.ts'
import type { DatabasePool } from '../../store/postgres/database.ts'
import { contactsOf, errorsOf, importBytes, insertTeam } from './batches.ts'
import { settingsOf } from './reading.ts'

export const optOut = { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' as const }
export const major = { name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }
export const MAPPED = {
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
  optOut,
  additionalFields: [major],
}
const HEADER = 'ID,First,Last,Mobile,Advisor,Out,Major,Other'
export const text = (...records: string[]) => `${[HEADER, ...records].join('\n')}\n`
export const withHeader = (header: string, ...records: string[]) => `${[header, ...records].join('\n')}\n`
export const ANN = '1,Ann,Lee,716-555-0101,s1,N,Art,'
export const STORED_ANN = {
  contact_id: '1',
  first_name: 'Ann',
  last_name: 'Lee',
  mobile_number: '+17165550101',
  staff_id: 's1',
  custom_fields: { Major: 'Art' },
  opted_out: false,
}

/** A rule, shown by a file on its way into a real database. */
export interface Rule {
  rule: string
  settings?: Parameters<typeof settingsOf>[0]
  /** Imported before. */
  before?: string
  /** Said by the person between the two files. */
  stop?: boolean
  file: string | Buffer
  /** Every contact of the team afterwards, by Contact ID. */
  contacts?: object[]
  counts?: Partial<BatchCounts>
  warnings?: WarningCounts
  errors?: { line: number; codes: ErrorCode[]; says?: string }[]
}

export async function showRule(
  database: DatabasePool,
  { settings: changes, before, stop, file, contacts, counts, warnings, errors }: Rule,
): Promise<void> {
  const settings = settingsOf({ ...MAPPED, ...changes } as Partial<Omit<ImportSettings, 'file'>>)
  const teamId = await insertTeam(database)
  await database.db
    .insertInto('team_user')
    .values({ team_id: teamId, staff_id: 's1', name: 'Sam Orr', email: 'sam@example.edu' })
    .execute()
  if (before !== undefined) await importBytes(database, teamId, before, { settings })
  if (stop) await setOptOut(database.db, teamId, '1', 'opted_out', 'contact')
  const result = await importBytes(database, teamId, file, { settings })
  if (contacts) {
    const stored = await contactsOf(database, teamId)
    expect(stored).toMatchObject(contacts)
    expect(stored).toHaveLength(contacts.length)
  }
  if (counts) expect(result.counts).toMatchObject(counts)
  if (warnings) expect(result.warnings).toEqual(warnings)
  const found = await errorsOf(database, result.batchId)
  expect(found.map(({ line, errors }) => ({ line: Number(line), codes: errors.map(({ code }) => code) }))).toEqual(
    (errors ?? []).map(({ line, codes }) => ({ line, codes })),
  )
  for (const [index, { says }] of (errors ?? []).entries())
    if (says) expect(found[index]?.errors.map(({ message }) => message).join('; ')).toContain(says)
}
