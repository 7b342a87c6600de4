import { describe, expect, test, vi } from 'vitest'
import type { BatchOptions } from '../../ingest/batch.ts'
import { RecordHashes, recordHasher } from '../../ingest/reading/unchanged/record-hash.ts'
import { recordSalt } from '../../ingest/reading/unchanged/record-salt.ts'
import { mapColumns } from '../../ingest/records/column-mapping.ts'
import { findContact, setOptOut } from '../../store/contacts/contact-list.ts'
import { replaceTeamUsers } from '../../store/team-users.ts'
import { contactsOf, importBytes, insertTeam, warningsOf } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

/** A record that did not change is passed over by its hash; what changed around it must be noticed all the same. */
const database = testDatabase()
const { db } = database

const settings = settingsOf({
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
  optOut: { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
})
const file = (...records: string[]) => `${['ID,First,Last,Mobile,Advisor,Out', ...records].join('\n')}\n`
const ANN = '1,Ann,Lee,716-555-0101,,N'
const BO = '2,Bo,Lee,716-555-0102,,N'

const imports = (teamId: number, text: string, options: BatchOptions = {}, changed = settings) =>
  importBytes(database, teamId, text, { settings: changed, options })

/** A team whose contacts come from this very file. */
async function imported(text = file(ANN, BO)): Promise<number> {
  const teamId = await insertTeam(database)
  await imports(teamId, text)
  return teamId
}

const hashes = async (teamId: number) =>
  (
    await db.selectFrom('contact').select('record_hash').where('team_id', '=', teamId).orderBy('contact_id').execute()
  ).map(({ record_hash }) => record_hash)

describe('the hash of a record', () => {
  test('is salted with everything beside its bytes that decides what it means', () => {
    const header = { line: 1, values: ['ID', 'First', 'Last', 'Mobile', 'Advisor', 'Out', 'Extra'] }
    const salt = (changes: Parameters<typeof settingsOf>[0] = {}, staffIds = ['s1', 's2'], columns = header) => {
      const changed = settingsOf({ fields: settings.fields, ...changes })
      return recordSalt({ settings: changed, staffIds }, mapColumns(columns, changed))
    }
    const optOut = { column: 'Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' as const }
    const field = { name: 'Extra', column: 'Extra', required: false, mergeable: true, visibleToUser: true }
    const salts = [
      salt(),
      salt({ version: 2 }),
      salt({ mobileCountries: 'us_ca' }),
      salt({}, ['s1']),
      salt({}, undefined, { line: 1, values: [...header.values, 'More'] }),
      salt({}, undefined, { line: 1, values: ['ID', 'Last', 'First', 'Mobile', 'Advisor', 'Out', 'Extra'] }),
      salt({ optOut }),
      salt({ additionalFields: [field] }),
      salt({ additionalFields: [{ ...field, name: 'Other' }] }),
    ]
    expect(new Set(salts).size).toBe(salts.length)
    // Whoever is added first makes no difference.
    expect(salt({}, ['s2', 's1'])).toBe(salt())
  })

  test('is salted with the version of the numbering plans', async () => {
    const mapping = mapColumns({ line: 1, values: ['ID', 'First', 'Last', 'Mobile'] }, settingsOf())
    const job = { settings: settingsOf(), staffIds: [] }
    vi.resetModules()
    vi.doMock('../../ingest/records/mobile-number.ts', () => ({ PHONE_METADATA_VERSION: 'another' }))
    const another = await import('../../ingest/reading/unchanged/record-salt.ts')
    vi.doUnmock('../../ingest/records/mobile-number.ts')
    expect(another.recordSalt(job, mapping)).not.toBe(recordSalt(job, mapping))
  })

  test('has 64 bits: of very many records that differ in little no two have the same', () => {
    const hash = recordHasher('salt')
    const hashes = new RecordHashes(1)
    const bytes = Buffer.alloc(64)
    const seen = new Set<string>()
    let widest = 0n
    for (let number = 0; number < 100_000; number++) {
      const length = bytes.write(`${number},Ann,Lee,716555${1000 + (number % 9000)}`)
      hash(bytes, 0, length, hashes, 0)
      const text = hashes.text(0)
      seen.add(text)
      const value = BigInt(text)
      if (value > widest) widest = value
    }
    expect(seen.size).toBe(100_000)
    expect(widest > 2n ** 62n && widest < 2n ** 63n).toBe(true)
  })
})

describe('a contact that was changed outside of imports is looked at again, though its record did not change:', () => {
  test('its opt-out preference was set by PATCH', async () => {
    const teamId = await imported()
    await setOptOut(db, teamId, '1', 'opted_in', 'admin')
    expect(await hashes(teamId)).toEqual([null, expect.any(String)])
    await imports(teamId, file('1,Ann,Lee,716-555-0101,,Y', BO))
    expect((await contactsOf(database, teamId))[0]).toMatchObject({ opted_out: true, opt_out_source: 'import' })
    // Once imported, the contact is known by its record again.
    expect(await hashes(teamId)).toEqual([expect.any(String), expect.any(String)])
  })

  test('a record that opts in comes again after the person has said STOP', async () => {
    const teamId = await imported()
    await setOptOut(db, teamId, '1', 'opted_out', 'contact')
    for (let time = 0; time < 2; time++) {
      const { counts, warnings } = await imports(teamId, file(ANN, BO))
      expect(counts).toMatchObject({ unchanged: 2, optedIn: 0 })
      expect(warnings).toMatchObject({ W_OPTIN_BLOCKED: 1 })
    }
  })

  test('its values were edited since', async () => {
    const teamId = await imported()
    await db
      .updateTable('contact')
      .set({ first_name: 'Anna', record_hash: null })
      .where('team_id', '=', teamId)
      .where('contact_id', '=', '1')
      .execute()
    const { counts } = await imports(teamId, file(ANN, BO))
    expect(counts).toMatchObject({ updated: 1, unchanged: 1 })
    expect((await contactsOf(database, teamId))[0]).toMatchObject({ first_name: 'Ann' })
  })

  test('it was removed since', async () => {
    const teamId = await imported()
    await db.deleteFrom('contact').where('team_id', '=', teamId).where('contact_id', '=', '1').execute()
    expect((await imports(teamId, file(ANN, BO))).counts).toMatchObject({ created: 1, unchanged: 1 })
  })

  test('the settings were changed', async () => {
    const teamId = await imported(file('1,Ann,Lee,716-555-0101,,Y', '2,Bo,Lee,+44 20 7946 0958,,N'))
    const version2 = settingsOf({
      ...settings,
      version: 2,
      mobileCountries: 'us_ca',
      optOut: { column: 'Out', optInValue: 'Y', optOutValue: 'N', emptyMeans: 'keep' },
    })
    const text = file('1,Ann,Lee,716-555-0101,,Y', '2,Bo,Lee,+44 20 7946 0958,,N')
    const { counts } = await imports(teamId, text, {}, version2)
    expect(counts).toMatchObject({ updated: 1, rejected: 1, optedIn: 1, optedOut: 1 })
  })

  test('a batch that was rolled back leaves no hash behind', async () => {
    const teamId = await imported()
    const before = await hashes(teamId)
    const text = file('1,Ann,Park,716-555-0101,,N', BO, '3,Cy,Lee,716-555-0103,,N')
    const stopped = new AbortController()
    const held = importBytes(database, teamId, text, {
      settings,
      signal: stopped.signal,
      progress: () => stopped.abort(new Error('held')),
    })
    await expect(held).rejects.toThrow('held')
    expect(await hashes(teamId)).toEqual(before)
    expect((await imports(teamId, text)).counts).toMatchObject({ created: 1, updated: 1, unchanged: 1 })
  })
})

for (const { title, options } of [
  { title: 'looked up by its hash', options: {} },
  { title: 'compared in full', options: { stageAll: true } },
])
  for (const source of ['contact', 'admin'] as const)
    test(`an opt-out whose source is ${source} is never lifted by a record that is ${title}`, async () => {
      const teamId = await imported()
      await setOptOut(db, teamId, '1', 'opted_out', source)
      for (const text of [file(ANN, BO), file(ANN, BO), file('1,Anna,Lee,716-555-0101,,N', BO)]) {
        const { warnings, counts } = await imports(teamId, text, options)
        expect([warnings.W_OPTIN_BLOCKED, counts.optedIn]).toEqual([1, 0])
      }
      expect((await contactsOf(database, teamId))[0]).toMatchObject({
        first_name: 'Anna',
        opted_out: true,
        opt_out_source: source,
      })
    })

describe('a warning is given again by a record that did not change:', () => {
  const cases = [
    { code: 'W_STAFF_UNKNOWN', record: '1,Ann,Lee,716-555-0101,s9,N' },
    { code: 'W_EXTENSION_IGNORED', record: '1,Ann,Lee,716-555-0101 x7,,N' },
    { code: 'W_MOBILE_SHARED', record: '1,Ann,Lee,716-555-0102,,N' },
  ]
  for (const { code, record } of cases)
    test(code, async () => {
      const teamId = await imported(file(record, BO))
      for (let time = 0; time < 2; time++) {
        const { warnings, counts, batchId } = await imports(teamId, file(record, BO))
        expect(counts).toMatchObject({ unchanged: 2 })
        expect(warnings).toHaveProperty(code)
        expect(await warningsOf(database, batchId)).toContainEqual(
          expect.objectContaining({ code, line: 2, contact_id: '1' }),
        )
      }
    })
})

test('an unchanged record is warned about as soon as another contact takes its number', async () => {
  const teamId = await imported()
  const { warnings, batchId } = await imports(teamId, file(ANN, '2,Bo,Lee,716-555-0101,,N'))
  expect(warnings).toEqual({ W_MOBILE_SHARED: 2 })
  expect((await warningsOf(database, batchId)).map(({ line }) => line)).toEqual([2, 3])
  // And no longer once the other has left it.
  expect((await imports(teamId, file(ANN, BO))).warnings).toEqual({})
})

test('a number that another contact took is refused where the team says so, also in a known record', async () => {
  const teamId = await imported()
  const strict = settingsOf({ ...settings, version: 2, sharedMobile: 'reject' })
  await imports(teamId, file(ANN, BO), {}, strict)
  const { counts } = await imports(teamId, file(ANN, '2,Bo,Lee,716-555-0101,,N'), {}, strict)
  expect(counts).toMatchObject({ unchanged: 1, rejected: 1 })
})

test('a Staff ID assigns to its user, trimmed and without case, also when the user is added later', async () => {
  const teamId = await imported(file('1,Ann,Lee,716-555-0101, S77 ,N'))
  expect(await findContact(db, teamId, '1')).toMatchObject({ staffId: 'S77', assignedTo: null })
  await replaceTeamUsers(db, teamId, [{ staffId: 's77', name: 'Sam Orr', email: 'sam@example.edu' }])
  expect(await findContact(db, teamId, '1')).toMatchObject({ assignedTo: { staffId: 's77', name: 'Sam Orr' } })
  const again = await imports(teamId, file('1,Ann,Lee,716-555-0101, S77 ,N'))
  expect([again.counts.unchanged, again.warnings]).toEqual([1, { W_IDENTICAL_FILE: 1 }])
  await replaceTeamUsers(db, teamId, [])
  expect((await imports(teamId, file('1,Ann,Lee,716-555-0101, S77 ,N'))).warnings).toHaveProperty('W_STAFF_UNKNOWN')
  expect(await findContact(db, teamId, '1')).toMatchObject({ staffId: 'S77', assignedTo: null })
})
