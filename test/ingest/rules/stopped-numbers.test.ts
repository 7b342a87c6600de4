import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { NONE_REJECTED } from '../../../model/rejected-records.ts'
import { setOptOut } from '../../../store/contacts/contact-list.ts'
import { undoContacts } from '../../../store/contacts/history/undo-contacts.ts'
import { mergeStaged } from '../../../store/contacts/merge.ts'
import { Stage } from '../../../store/contacts/stage.ts'
import { contactLine } from '../../../store/contacts/staged-lines.ts'
import { inTransaction } from '../../../store/postgres/database.ts'
import { removeTeam } from '../../../store/teams.ts'
import { contactsOf, importBytes, insertTeam, parsingBatch, warningsOf } from '../../support/batches.ts'
import { TEST_SECRET, testDatabase } from '../../support/database.ts'
import { settingsOf } from '../../support/reading.ts'
import { MAPPED, text } from '../../support/rules.ts'

const database = testDatabase()
const { db } = database
const settings = settingsOf(MAPPED)
const ANN = '1,Ann,Lee,716-555-0101,,N,Art,'
const CY = '3,Cy,Poe,716-555-0103,,N,,'
const NONE = { text: Buffer.alloc(0), records: 0 }
/** Another Contact ID with Ann's number. */
const TWIN = ANN.replace('1,', 'S1,')

/** Both ways of an import: records looked up first, and all staged. */
for (const stageAll of [false, true])
  describe(stageAll ? 'every record staged' : 'records looked up first', () => {
    async function stopped(source: 'contact' | 'admin' = 'contact', ...records: string[]) {
      const teamId = await insertTeam(database)
      await send(teamId, ANN, ...records)
      await setOptOut(db, teamId, '1', 'opted_out', source)
      return teamId
    }
    const send = (teamId: number, ...records: string[]) =>
      importBytes(database, teamId, text(...records), { settings, options: { stageAll } })
    const undo = (teamId: number, batchId: string) =>
      db.transaction().execute((tx) => undoContacts(tx, teamId, batchId))
    async function contact(teamId: number, id: string) {
      const { opted_out, opt_out_source, mobile_number } =
        (await contactsOf(database, teamId)).find(({ contact_id }) => contact_id === id) ?? {}
      return { opted_out, opt_out_source, mobile_number }
    }

    for (const source of ['contact', 'admin'] as const)
      test(`a new contact with a number that opted out (${source}) is opted out too, told, and stays so`, async () => {
        const teamId = await stopped(source)
        const { batchId, counts, warnings } = await send(teamId, TWIN)
        expect(await contact(teamId, 'S1')).toMatchObject({ opted_out: true, opt_out_source: source })
        expect(counts).toMatchObject({ created: 1, optedOut: 1 })
        expect(warnings).toMatchObject({ W_OPTOUT_BY_NUMBER: 1, W_MOBILE_SHARED: 1 })
        expect(await warningsOf(database, batchId)).toContainEqual(
          expect.objectContaining({
            line: 2,
            code: 'W_OPTOUT_BY_NUMBER',
            contact_id: 'S1',
            message: expect.stringContaining('Contact ID "1"'),
          }),
        )
        expect((await send(teamId, TWIN)).warnings).toMatchObject({ W_OPTIN_BLOCKED: 1 })
        expect(await contact(teamId, 'S1')).toMatchObject({ opted_out: true })
      })

    test('a known contact that changes to such a number is opted out, and an undo gives back what it was', async () => {
      const teamId = await stopped('contact', CY)
      const { batchId, counts, warnings } = await send(teamId, CY.replace('0103', '0101'))
      expect(await contact(teamId, '3')).toMatchObject({ opted_out: true, opt_out_source: 'contact' })
      expect(counts).toMatchObject({ updated: 1, optedOut: 1, optedIn: 0 })
      expect(warnings).toMatchObject({ W_OPTOUT_BY_NUMBER: 1 })
      expect(await undo(teamId, batchId)).toMatchObject({ restored: 1, left: 0 })
      expect(await contact(teamId, '3')).toMatchObject({ opted_out: false, mobile_number: '+17165550103' })
    })

    test('an opt-out of a file alone does not speak for the number', async () => {
      const teamId = await insertTeam(database)
      await send(teamId, ANN.replace(',N,', ',Y,'))
      const { warnings } = await send(teamId, TWIN)
      expect(warnings).toEqual({ W_MOBILE_SHARED: 1 })
      expect(await contact(teamId, 'S1')).toMatchObject({ opted_out: false })
    })

    test('the number stays opted out when its contact gets another, in an earlier file or in the same', async () => {
      for (const together of [false, true]) {
        const teamId = await stopped()
        const moved = ANN.replace('0101', '0109')
        if (together) await send(teamId, moved, TWIN)
        else {
          await send(teamId, moved)
          expect((await send(teamId, TWIN)).warnings).toMatchObject({ W_OPTOUT_BY_NUMBER: 1 })
        }
        expect(await contact(teamId, 'S1')).toMatchObject({ opted_out: true, opt_out_source: 'contact' })
      }
    })

    test('a contact that an undo removed comes back opted out; a word said meanwhile keeps it', async () => {
      const teamId = await stopped()
      const first = await send(teamId, TWIN)
      expect(await undo(teamId, first.batchId)).toMatchObject({ removed: 1, left: 0 })
      const second = await send(teamId, TWIN)
      expect(await contact(teamId, 'S1')).toMatchObject({ opted_out: true })
      await setOptOut(db, teamId, 'S1', 'opted_out', 'contact')
      expect(await undo(teamId, second.batchId)).toMatchObject({ removed: 0, left: 1 })
    })

    test('an undo that gives back a number which opted out since opts out its contact', async () => {
      const teamId = await insertTeam(database)
      await send(teamId, ANN, CY.replace('0103', '0101'))
      const { batchId } = await send(teamId, CY)
      await setOptOut(db, teamId, '1', 'opted_out', 'contact')
      expect(await contact(teamId, '3')).toMatchObject({ opted_out: false })
      await undo(teamId, batchId)
      expect(await contact(teamId, '3')).toEqual({
        mobile_number: '+17165550101',
        opted_out: true,
        opt_out_source: 'contact',
      })
    })

    test('a team that is removed and made again knows the numbers, and no other team does', async () => {
      const teamId = await stopped('admin')
      const { team } = await db.selectFrom('team').select('team').where('id', '=', teamId).executeTakeFirstOrThrow()
      await db.transaction().execute((tx) => removeTeam(tx, teamId))
      const made = await db
        .insertInto('team')
        .values({ team, name: 'Again', time_zone: 'UTC' })
        .returning('id')
        .executeTakeFirstOrThrow()
      const again = await send(made.id, ANN, CY)
      expect(again.warnings).toEqual({ W_OPTOUT_BY_NUMBER: 1 })
      expect(again.counts).toMatchObject({ created: 2, optedOut: 1 })
      expect(await contact(made.id, '1')).toMatchObject({ opted_out: true, opt_out_source: 'admin' })
      expect(await contact(made.id, '3')).toMatchObject({ opted_out: false })
      const other = await insertTeam(database)
      expect((await send(other, ANN)).warnings).toEqual({})
      // Their own word lifts it, for files to come too.
      await setOptOut(db, made.id, '1', 'opted_in', 'contact')
      expect((await send(made.id, TWIN)).warnings).toEqual({ W_MOBILE_SHARED: 1 })
      expect(await contact(made.id, 'S1')).toMatchObject({ opted_out: false })
    })

    test('a STOP counts for every contact of the number, an opt-in for one alone', async () => {
      const teamId = await insertTeam(database)
      await send(teamId, ANN, TWIN, CY)
      await setOptOut(db, teamId, 'S1', 'opted_out', 'contact')
      const states = async () => (await contactsOf(database, teamId)).map(({ opted_out }) => opted_out)
      expect(await states()).toEqual([true, false, true])
      await setOptOut(db, teamId, 'S1', 'opted_in', 'contact')
      expect(await states()).toEqual([true, false, false])
      await send(teamId, ANN, TWIN, CY)
      expect(await states()).toEqual([true, false, false])
      // The other still says no for whoever comes new with the number.
      await send(teamId, ANN.replace('1,', 'S2,'))
      expect(await states()).toEqual([true, false, false, true])
    })
  })

test('a STOP that is said while its number is given to a new contact is not lost', async () => {
  const teamId = await insertTeam(database)
  await importBytes(database, teamId, text(ANN), { settings })
  const batchId = await parsingBatch(db, teamId)
  const rules = {
    teamId,
    staffGiven: true,
    customFields: [],
    emptyMeans: null,
    optOutAbsent: false,
    sharedMobile: 'warn' as const,
  }
  const { counts } = await inTransaction(database.pool, async (client) => {
    const stage = new Stage(client, batchId)
    await stage.open()
    const twin = { contactId: 'S1', firstName: 'Ann', lastName: 'Lee', mobileNumber: '+17165550101', staffId: null }
    const created = `${contactLine({ id: batchId, teamId }, { ...twin, optOut: 'opted_in', customFields: {} }, null, null)}`
    await stage.take({
      ...{
        valid: 1,
        staged: NONE,
        rejected: { ...NONE, counts: NONE_REJECTED.counts },
        preferences: Buffer.alloc(0),
        warnings: [],
        furtherWarnings: {},
        had: new Map(),
      },
      created: { text: new TextEncoder().encode(created), records: 1, optedOut: 0 },
    })
    return mergeStaged(stage, rules, async (ids) => {
      // Asked for when it has been decided who is opted out.
      await setOptOut(db, teamId, '1', 'opted_out', 'contact')
      return ids.map((contactId) => ({ contactId, line: 2 }))
    })
  })
  expect(counts).toMatchObject({ created: 1, optedOut: 1 })
  expect((await contactsOf(database, teamId)).map(({ opted_out }) => opted_out)).toEqual([true, true])
})

test('what is kept of a number is its HMAC under the key of the installation', async () => {
  const { rows } = await sql<{ hash: Buffer }>`select hashed_number('+17165550101') as hash`.execute(db)
  const key = createHmac('sha256', TEST_SECRET).update('stopped-numbers').digest()
  expect(rows[0]?.hash).toEqual(createHmac('sha256', key).update('+17165550101').digest())
})
