import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { findContact, listContacts, setOptOut } from '../../../../store/contacts/contact-list.ts'
import { contactHistory } from '../../../../store/contacts/history/contact-history.ts'
import { undoContacts } from '../../../../store/contacts/history/undo-contacts.ts'
import { importBytes, insertTeam } from '../../../support/batches.ts'
import { testDatabase } from '../../../support/database.ts'
import { SETTINGS } from '../../../support/service.ts'

const database = testDatabase()
const { db } = database
const settings = { ...SETTINGS, version: 1 }

async function importLines(teamId: number, ...lines: string[]): Promise<string> {
  const content = `${['ID,First,Last,Cell,OptOut,Major', ...lines].join('\r\n')}\r\n`
  return (await importBytes(database, teamId, content, { settings })).batchId
}

async function historyOf(teamId: number, contactId = '1') {
  const contact = await findContact(db, teamId, contactId)
  if (!contact) throw new Error('no such contact')
  return { contact, ...(await contactHistory(db, teamId, contact)) }
}

async function runOf(batchId: string): Promise<string> {
  const batch = await db.selectFrom('batch').select('run_id').where('id', '=', batchId).executeTakeFirstOrThrow()
  return batch.run_id
}

test('a preference keeps who changed it, when, and what it was before, newest first', async () => {
  const teamId = await insertTeam(database)
  const first = await importLines(teamId, '1,Ann,Lee,7165550101,,Law')
  const out = await importLines(teamId, '1,Ann,Lee,7165550101,Y,Law')
  await importLines(teamId, '1,Ann,Lee,7165550101,Y,Art')
  const back = await importLines(teamId, '1,Ann,Lee,7165550101,N,Art')
  await db
    .transaction()
    .execute((tx) => setOptOut(tx, teamId, '1', 'opted_out', 'contact', 'messaging (dana@example.edu)'))
  await importLines(teamId, '1,Ann,Lee,7165550101,N,Art')
  await db.transaction().execute((tx) => setOptOut(tx, teamId, '1', 'opted_out', 'admin', 'dana@example.edu'))
  const { contact, preference, created } = await historyOf(teamId)
  expect(created?.runId).toBe(await runOf(first))
  expect(
    preference.map(({ state, source, was, by, speaker }) => ({ state, source, was, by: by?.runId, speaker })),
  ).toEqual([
    {
      ...{ state: 'opted_out', source: 'admin', was: { state: 'opted_out', source: 'contact' } },
      ...{ by: undefined, speaker: 'dana@example.edu' },
    },
    {
      ...{ state: 'opted_out', source: 'contact', was: { state: 'opted_in', source: 'import' } },
      ...{ by: undefined, speaker: 'messaging (dana@example.edu)' },
    },
    {
      ...{ state: 'opted_in', source: 'import', was: { state: 'opted_out', source: 'import' } },
      ...{ by: await runOf(back), speaker: null },
    },
    {
      ...{ state: 'opted_out', source: 'import', was: { state: 'opted_in', source: 'default' } },
      ...{ by: await runOf(out), speaker: null },
    },
  ])
  expect(preference[0]?.at.toISOString()).toBe(contact.optOut.changedAt)
})

test('an opt-out of a rejected record, and its undo, stand in the history of the preference', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, '1,Ann,Lee,7165550101,,Law')
  const batchId = await importLines(teamId, '1,Ann,Lee,12,Y,Law')
  await db.transaction().execute((tx) => undoContacts(tx, teamId, batchId))
  const { preference } = await historyOf(teamId)
  const by = { runId: await runOf(batchId) }
  expect(preference).toMatchObject([
    { state: 'opted_in', source: 'default', undone: true, by, was: { state: 'opted_out' } },
    { state: 'opted_out', source: 'import', undone: false, by, was: { state: 'opted_in' } },
  ])
})

test('an import that began before somebody spoke, and wrote after it, comes last and is no undo', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, '1,Ann,Lee,7165550101,Y,Law')
  await db.transaction().execute(async (tx) => {
    await sql`select now()`.execute(tx)
    await setOptOut(db, teamId, '1', 'opted_in', 'admin')
    const said = { opted_out: true, opt_out_source: 'import' as const, opt_out_changed_at: sql<Date>`now()` }
    await tx.updateTable('contact').set(said).where('team_id', '=', teamId).execute()
  })
  const { preference } = await historyOf(teamId)
  expect(preference.map(({ state, source, undone }) => ({ state, source, undone }))).toEqual([
    { state: 'opted_out', source: 'import', undone: false },
    { state: 'opted_in', source: 'admin', undone: false },
  ])
})

test('contacts that are created, and imports that change no preference, write nothing into the history', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, '1,Ann,Lee,7165550101,Y,Law', '2,Bo,Lee,7165550102,,Law')
  await importLines(teamId, '1,Anne,Lee,7165550101,Y,Law', '2,Bo,Lee,7165550102,N,Art')
  const { rows } = await sql`select from preference_change where team_id = ${teamId}`.execute(db)
  expect(rows).toEqual([])
  expect((await historyOf(teamId)).preference).toEqual([])
})

test('what was said of somebody who had the Contact ID before is not told of its next owner', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, '1,Ann,Lee,7165550101,,Law')
  await setOptOut(db, teamId, '1', 'opted_out', 'admin')
  await db.deleteFrom('contact').where('team_id', '=', teamId).execute()
  await importLines(teamId, '1,Zoe,Lee,7165550101,,Law')
  expect((await historyOf(teamId)).preference).toEqual([])
})

test('each field says which import brought the value it holds', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, '1,Ann,Lee,7165550101,,Law')
  const second = await importLines(teamId, '1,Ann,Lee,7165550102,,Art')
  const third = await importLines(teamId, '1,Anne,Lee,7165550102,,')
  const { fields } = await historyOf(teamId)
  expect([...fields].map(([field, { by }]) => [field, by.runId]).sort()).toEqual([
    ['First Name', await runOf(third)],
    ['Major', await runOf(third)],
    ['Mobile Number', await runOf(second)],
  ])
})

test('the contacts that a batch changed last are those it created and those it updated, page by page', async () => {
  const teamId = await insertTeam(database)
  const line = (id: number, first: string) => `${id},${first},Lee,716555${1000 + id},,Law`
  const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
  const first = await importLines(teamId, ...ids(100, 105).map((id) => line(id, 'Ann')))
  const second = await importLines(teamId, ...ids(104, 108).map((id) => line(id, 'Bo')))
  const third = await importLines(teamId, line(108, 'Cy'))
  const of = async (batches: string[], more = {}) => {
    const page = await listContacts(db, teamId, { batches, limit: 3, ...more })
    return { ids: page.items.map(({ contactId }) => contactId), next: page.next }
  }
  expect(await of([first])).toEqual({ ids: ['100', '101', '102'], next: '102' })
  expect(await of([first], { after: '102' })).toEqual({ ids: ['103'], next: null })
  expect(await of([second])).toEqual({ ids: ['104', '105', '106'], next: '106' })
  expect(await of([second], { after: '106' })).toEqual({ ids: ['107'], next: null })
  expect(await of([second, third], { after: '105' })).toEqual({ ids: ['106', '107', '108'], next: null })
  expect(await of([second], { search: 'Ann' })).toEqual({ ids: [], next: null })
  expect(await of([])).toEqual({ ids: [], next: null })
  // As after the days for which a batch can be undone.
  await db.updateTable('batch').set({ undo_until: null }).where('id', '=', second).execute()
  await sql`delete from contact_before where batch_id = ${second}`.execute(db)
  expect(await of([second])).toEqual({ ids: ['104', '105', '106'], next: '106' })
})
