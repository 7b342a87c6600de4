import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ContactValues, OptOutState } from '../../../model/contact.ts'
import { NO_CHANGES } from '../../../model/run.ts'
import { mergeStaged } from '../../../store/contacts/merge.ts'
import type { MergeRules } from '../../../store/contacts/merge-rules.ts'
import { Stage } from '../../../store/contacts/stage.ts'
import type { RejectedPreference } from '../../../store/contacts/staged-lines.ts'
import { inTransaction } from '../../../store/postgres/database.ts'
import { parsingBatch } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'

const { db, pool } = testDatabase()

let teamId: number
let number = 0

beforeEach(async () => {
  const team = await db
    .insertInto('team')
    .values({ team: `team-${++number}`, name: 'Admissions', time_zone: 'America/New_York' })
    .returning('id')
    .executeTakeFirstOrThrow()
  teamId = team.id
})

const ann: ContactValues = {
  contactId: '1001',
  firstName: 'Ann',
  lastName: 'Lee',
  mobileNumber: '+17165550101',
  staffId: undefined,
  optOut: undefined,
  customFields: {},
}

function person(contactId: string, values: Partial<ContactValues> = {}): ContactValues {
  const last4 = String(Number(contactId) % 100).padStart(2, '0')
  return { ...ann, contactId, mobileNumber: `+171655501${last4}`, ...values }
}

interface Import {
  /** In the order of their lines, from line 2 on. */
  records: ContactValues[]
  rejected?: RejectedPreference[]
  rules?: Partial<MergeRules>
}

async function importRecords({ records, rejected = [], rules = {} }: Import) {
  const batchId = await parsingBatch(db, teamId)
  const { counts, changes, warnings } = await inTransaction(pool, async (client) => {
    const stage = new Stage(client, batchId)
    await stage.open()
    await stage.stage(records.map((contact, index) => ({ line: index + 2, contact, original: [contact.contactId] })))
    await stage.reject(
      rejected.map(({ line, contactId }) => ({
        line,
        contactId,
        errors: [{ code: 'E_MOBILE_INVALID', field: 'Mobile Number', message: 'The mobile number is not valid.' }],
        values: [],
      })),
      rejected,
    )
    const { counts, changes } = await mergeStaged(stage, {
      teamId,
      staffGiven: false,
      customFields: [],
      emptyMeans: null,
      optOutAbsent: false,
      sharedMobile: 'warn',
      ...rules,
    })
    return { counts, changes, warnings: stage.warnings }
  })
  const { records: all, created, updated, unchanged, rejected: refused, superseded } = counts
  expect(all).toBe(created + updated + unchanged + refused + superseded)
  return { counts, changes, warnings, batchId }
}

async function stored(contactId: string) {
  return db
    .selectFrom('contact')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('contact_id', '=', contactId)
    .executeTakeFirst()
}

async function setPreference(contactId: string, state: OptOutState, source: 'admin' | 'contact' | 'import') {
  await db
    .updateTable('contact')
    .set({ opted_out: state === 'opted_out', opt_out_source: source })
    .where('team_id', '=', teamId)
    .where('contact_id', '=', contactId)
    .execute()
}

test('an unknown Contact ID is created, a known one updated, and an equal record changes nothing', async () => {
  await importRecords({ records: [person('1001'), person('1002')] })
  const before = await stored('1002')
  const { counts } = await importRecords({
    records: [person('1001', { lastName: 'Park' }), person('1002'), person('1003')],
  })
  expect(counts).toMatchObject({ records: 3, created: 1, updated: 1, unchanged: 1, rejected: 0, superseded: 0 })
  expect(await stored('1001')).toMatchObject({ last_name: 'Park' })
  expect(await stored('1002')).toEqual(before)
})

test('contacts that the file does not name are left alone', async () => {
  await importRecords({ records: [person('1001'), person('1002')] })
  await importRecords({ records: [person('1002', { firstName: 'Bo' })] })
  expect(await stored('1001')).toMatchObject({ first_name: 'Ann' })
})

test('of two records with one Contact ID the last wins and the other is superseded, both lines named', async () => {
  const { counts, warnings, batchId } = await importRecords({
    records: [person('1001', { firstName: 'Old' }), person('1002'), person('1001', { firstName: 'New' })],
  })
  expect(counts).toMatchObject({ records: 3, created: 2, superseded: 1 })
  expect(warnings).toEqual({ W_DUPLICATE_CONTACT_ID: 1 })
  expect(await stored('1001')).toMatchObject({ first_name: 'New' })
  const [warning] = await db.selectFrom('record_warning').selectAll().where('batch_id', '=', batchId).execute()
  expect(warning).toMatchObject({ line: 2, code: 'W_DUPLICATE_CONTACT_ID', contact_id: '1001' })
  expect(warning?.message).toContain('line 4')
})

test('a Contact ID is compared with case and with its leading zeros', async () => {
  const { counts } = await importRecords({
    records: [person('7', { contactId: 'a7' }), person('8', { contactId: 'A7' }), person('9', { contactId: '007' })],
  })
  expect(counts.created).toBe(3)
})

describe('fields', () => {
  test('a custom field that the file speaks for is replaced or cleared, any other is kept', async () => {
    await importRecords({ records: [person('1001', { customFields: { Major: 'Art', Year: '2027' } })] })
    await importRecords({ records: [person('1001', { customFields: {} })], rules: { customFields: ['Major'] } })
    expect((await stored('1001'))?.custom_fields).toEqual({ Year: '2027' })
  })

  test('a blank Staff ID clears the assignment only if the file has the column', async () => {
    await importRecords({ records: [person('1001', { staffId: 's1' })], rules: { staffGiven: true } })
    await importRecords({ records: [person('1001')] })
    expect((await stored('1001'))?.staff_id).toBe('s1')
    await importRecords({ records: [person('1001', { staffId: null })], rules: { staffGiven: true } })
    expect((await stored('1001'))?.staff_id).toBeNull()
  })

  test('text is stored as written, whatever it looks like', async () => {
    const text = "Robert'); drop table contact;--\t\\N\\.\r\n<b>=1+1"
    await importRecords({ records: [person('1001', { lastName: text, customFields: { Major: `\\${text}"` } })] })
    expect(await stored('1001')).toMatchObject({ last_name: text, custom_fields: { Major: `\\${text}"` } })
  })

  test('a Staff ID that no user of the team has is stored with a warning; case does not matter', async () => {
    await db
      .insertInto('team_user')
      .values({ team_id: teamId, staff_id: 'S77', name: 'Sam', email: 'sam@example.edu' })
      .execute()
    const { warnings } = await importRecords({
      records: [person('1001', { staffId: 's77' }), person('1002', { staffId: 's99' })],
      rules: { staffGiven: true },
    })
    expect(warnings.W_STAFF_UNKNOWN).toBe(1)
    expect((await stored('1002'))?.staff_id).toBe('s99')
  })
})

test('what a batch changes is measured against what was stored before it', async () => {
  const rules = { staffGiven: true, customFields: ['Major', 'Year'] }
  await importRecords({
    records: [
      person('1001', { staffId: 's1', customFields: { Major: 'Art', Year: '2027' } }),
      person('1002', { staffId: null, customFields: { Major: 'Law' } }),
      person('1003', { staffId: 's3' }),
    ],
    rules,
  })
  const { changes } = await importRecords({
    records: [
      person('1001', { staffId: null, customFields: { Year: '2027' } }),
      person('1002', { staffId: 's2', mobileNumber: '+17165550150', customFields: { Major: 'Law' } }),
      person('1004'),
    ],
    rules,
  })
  expect(changes).toEqual({
    ...NO_CHANGES,
    contactsBefore: 3,
    matched: 2,
    mobilesChanged: 1,
    cleared: { 'Staff ID': { had: 1, cleared: 1 }, Major: { had: 2, cleared: 1 }, Year: { had: 1, cleared: 0 } },
  })
})

describe('the opt-out preference', () => {
  const cases: {
    title: string
    before?: { state: OptOutState; source: 'admin' | 'contact' | 'import' }
    says: (OptOutState | null | undefined)[]
    rejected?: RejectedPreference[]
    emptyMeans?: OptOutState
    after: { opted_out: boolean; opt_out_source: string }
    warnings?: object
  }[] = [
    {
      title: 'a new contact of a file that says nothing is opted in by default',
      says: [undefined],
      after: { opted_out: false, opt_out_source: 'default' },
    },
    {
      title: 'a known contact keeps its preference when the file says nothing',
      before: { state: 'opted_out', source: 'import' },
      says: [undefined],
      after: { opted_out: true, opt_out_source: 'import' },
    },
    {
      title: 'an empty value keeps it too',
      before: { state: 'opted_out', source: 'import' },
      says: [null],
      after: { opted_out: true, opt_out_source: 'import' },
    },
    {
      title: 'an empty value opts in where the settings say so',
      before: { state: 'opted_out', source: 'import' },
      says: [null],
      emptyMeans: 'opted_in',
      after: { opted_out: false, opt_out_source: 'import' },
    },
    {
      title: 'an explicit value wins over a later empty one',
      says: ['opted_out', null],
      emptyMeans: 'opted_in',
      after: { opted_out: true, opt_out_source: 'import' },
    },
    {
      title: 'of explicit values the last one counts',
      says: ['opted_out', 'opted_in'],
      after: { opted_out: false, opt_out_source: 'import' },
    },
    {
      title: 'an import undoes what an import did',
      before: { state: 'opted_out', source: 'import' },
      says: ['opted_in'],
      after: { opted_out: false, opt_out_source: 'import' },
    },
    {
      title: "a person's own opt-out is never lifted",
      before: { state: 'opted_out', source: 'contact' },
      says: ['opted_in'],
      after: { opted_out: true, opt_out_source: 'contact' },
      warnings: { W_OPTIN_BLOCKED: 1 },
    },
    {
      title: "an administrator's opt-out is never lifted, not by an empty value either",
      before: { state: 'opted_out', source: 'admin' },
      says: [null],
      emptyMeans: 'opted_in',
      after: { opted_out: true, opt_out_source: 'admin' },
      warnings: { W_OPTIN_BLOCKED: 1 },
    },
    {
      title: 'the opt-out of a rejected record counts for a stored contact',
      before: { state: 'opted_in', source: 'import' },
      says: [],
      rejected: [{ line: 9, contactId: '1001', state: 'opted_out' }],
      after: { opted_out: true, opt_out_source: 'import' },
      warnings: { W_OPTOUT_APPLIED_FROM_BAD_RECORD: 1 },
    },
    {
      title: 'the opt-in of a rejected record does not count',
      before: { state: 'opted_out', source: 'import' },
      says: [],
      rejected: [{ line: 9, contactId: '1001', state: 'opted_in' }],
      after: { opted_out: true, opt_out_source: 'import' },
    },
    {
      title: 'the opt-out of a rejected record counts for a contact that is new in this file',
      says: ['opted_in'],
      rejected: [{ line: 9, contactId: '1001', state: 'opted_out' }],
      after: { opted_out: true, opt_out_source: 'import' },
      warnings: { W_OPTOUT_APPLIED_FROM_BAD_RECORD: 1 },
    },
    {
      title: 'a later valid opt-in goes over the opt-out of a rejected record',
      says: ['opted_in'],
      rejected: [{ line: 1, contactId: '1001', state: 'opted_out' }],
      after: { opted_out: false, opt_out_source: 'import' },
    },
  ]
  for (const { title, before, says, rejected = [], emptyMeans = null, after, warnings = {} } of cases)
    test(title, async () => {
      if (before) {
        await importRecords({ records: [person('1001')] })
        await setPreference('1001', before.state, before.source)
      }
      const result = await importRecords({
        records: says.map((optOut) => person('1001', { optOut })),
        rejected,
        rules: { emptyMeans },
      })
      expect(await stored('1001')).toMatchObject(after)
      expect(result.warnings).toMatchObject(warnings)
      const blocked = 'W_OPTIN_BLOCKED' in warnings || 'W_OPTOUT_APPLIED_FROM_BAD_RECORD' in warnings
      if (!blocked) expect(result.warnings).not.toHaveProperty('W_OPTIN_BLOCKED')
    })

  test('the opt-out of a rejected record of an unknown Contact ID makes no contact', async () => {
    const { counts } = await importRecords({
      records: [],
      rejected: [{ line: 2, contactId: '5', state: 'opted_out' }],
    })
    expect(counts).toMatchObject({ records: 1, rejected: 1, created: 0, optedOut: 0 })
    expect(await stored('5')).toBeUndefined()
  })

  test('a STOP that arrives while the file is being applied is not lost', async () => {
    await importRecords({ records: [person('1001', { optOut: 'opted_in' })] })
    const batch = await importRecords({ records: [person('1001')] })
    await inTransaction(pool, async (client) => {
      const stage = new Stage(client, batch.batchId)
      await stage.open()
      await stage.stage([{ line: 2, contact: person('1001', { firstName: 'Bo', optOut: 'opted_in' }), original: null }])
      await setPreference('1001', 'opted_out', 'contact')
      await mergeStaged(stage, {
        teamId,
        staffGiven: false,
        customFields: [],
        emptyMeans: null,
        optOutAbsent: false,
        sharedMobile: 'warn',
      })
    })
    expect(await stored('1001')).toMatchObject({ first_name: 'Bo', opted_out: true, opt_out_source: 'contact' })
  })
})

describe('one mobile number for two contacts', () => {
  const shared = { mobileNumber: '+17165550150' }

  test('is allowed with a warning for each record of the file', async () => {
    await importRecords({ records: [person('1001', shared)] })
    const { counts, warnings } = await importRecords({ records: [person('1002', shared), person('1003', shared)] })
    expect(counts.created).toBe(2)
    expect(warnings).toEqual({ W_MOBILE_SHARED: 2 })
  })

  test('is no longer shared once this very file moves the other contact to another number', async () => {
    await importRecords({ records: [person('1001', shared)] })
    const { warnings } = await importRecords({ records: [person('1001'), person('1002', shared)] })
    expect(warnings).toEqual({})
  })

  test('is refused where the team says so; who has it already keeps it', async () => {
    await importRecords({ records: [person('1001', shared)] })
    const { counts, batchId } = await importRecords({
      records: [person('1001', { ...shared, firstName: 'Bo' }), person('1002', shared), person('1003')],
      rules: { sharedMobile: 'reject' },
    })
    expect(counts).toMatchObject({ records: 3, created: 1, updated: 1, rejected: 1 })
    expect(await stored('1002')).toBeUndefined()
    const errors = await db.selectFrom('record_error').selectAll().where('batch_id', '=', batchId).execute()
    expect(errors).toMatchObject([{ line: 3, contact_id: '1002', errors: [{ code: 'E_MOBILE_SHARED' }] }])
  })

  test('a rejected record gives way to an earlier one of the same Contact ID', async () => {
    const { counts } = await importRecords({
      records: [person('1002'), person('1001', shared), person('1002', shared)],
      rules: { sharedMobile: 'reject' },
    })
    // Neither of the two that claim the number can be trusted to be right.
    expect(counts).toMatchObject({ records: 3, created: 1, rejected: 2, superseded: 0 })
    expect(await stored('1002')).toMatchObject({ mobile_number: '+17165550102' })
  })

  test('rejects every record of a column that slipped by one row, and no contact takes the number of another', async () => {
    const ids = Array.from({ length: 30 }, (_, n) => String(1001 + n))
    await importRecords({ records: ids.map((id) => person(id)) })
    const slipped = ids.slice(1).map((id, n) => person(ids[n] as string, { mobileNumber: person(id).mobileNumber }))
    // In the last row nothing is left, and that record is rejected for itself.
    const { counts } = await importRecords({ records: slipped, rules: { sharedMobile: 'reject' } })
    expect(counts).toMatchObject({ records: 29, updated: 0, rejected: 29 })
    for (const id of ids) expect(await stored(id)).toMatchObject({ mobile_number: person(id).mobileNumber })
  })

  test('rejects what choosing anew from all records each time would reject', async () => {
    const record = fc.record({ id: fc.integer({ min: 1, max: 6 }), mobile: fc.integer({ min: 1, max: 5 }) })
    const contacts = fc.uniqueArray(record, { selector: ({ id }) => id })
    const asPerson = ({ id, mobile }: { id: number; mobile: number }) =>
      person(`${id}`, { mobileNumber: person(`${mobile}`).mobileNumber })
    await fc.assert(
      fc.asyncProperty(contacts, fc.array(record, { maxLength: 14 }), async (before, records) => {
        await db.deleteFrom('contact').where('team_id', '=', teamId).execute()
        await importRecords({ records: before.map(asPerson) })
        const { batchId } = await importRecords({ records: records.map(asPerson), rules: { sharedMobile: 'reject' } })
        const expected = withoutSharing(new Map(before.map(({ id, mobile }) => [id, mobile])), records)
        const errors = await db.selectFrom('record_error').select('line').where('batch_id', '=', batchId).execute()
        expect(errors.map(({ line }) => Number(line) - 2).sort((a, b) => a - b)).toEqual(expected.rejected)
        const rows = await db
          .selectFrom('contact')
          .select(['contact_id', 'mobile_number'])
          .where('team_id', '=', teamId)
          .execute()
        expect(new Map(rows.map((row) => [row.contact_id, row.mobile_number]))).toEqual(
          new Map([...expected.contacts].map(([id, mobile]) => [`${id}`, person(`${mobile}`).mobileNumber])),
        )
      }),
      { numRuns: 30 },
    )
  })
})

/** The plainest way to say it: the last record of each ID counts, and whoever wants the number of another goes, until nobody does. */
function withoutSharing(before: Map<number, number>, records: { id: number; mobile: number }[]) {
  const rejected = new Set<number>()
  for (;;) {
    const chosen = new Map<number, number>()
    for (const [index, { id }] of records.entries()) if (!rejected.has(index)) chosen.set(id, index)
    const mobileOf = (id: number) => records[chosen.get(id) ?? -1]?.mobile ?? before.get(id)
    const ids = new Set([...before.keys(), ...chosen.keys()])
    const refused = [...chosen].filter(([id, index]) => {
      const { mobile } = records[index] as { mobile: number }
      return before.get(id) !== mobile && [...ids].some((other) => other !== id && mobileOf(other) === mobile)
    })
    if (refused.length === 0) {
      const contacts = new Map([...ids].map((id) => [id, mobileOf(id) as number]))
      return { rejected: [...rejected].sort((a, b) => a - b), contacts }
    }
    for (const [, index] of refused) rejected.add(index)
  }
}
