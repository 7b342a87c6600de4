import { expect, test } from 'vitest'
import { previewUndo } from '../../../ingest/undo.ts'
import { setOptOut } from '../../../store/contacts/contact-list.ts'
import { forgetBefore } from '../../../store/contacts/history/undo-contacts.ts'
import { recordsOfGoodFiles } from '../../../store/runs/batches.ts'
import { removeTeam } from '../../../store/teams.ts'
import { contactsOf, insertTeam } from '../../support/batches.ts'
import { line, undos } from './support.ts'

const { database, teamOf, importLines, done, waiting } = undos()
const { db } = database

test('updated contacts are as before, created ones are gone, and the next import looks at all again', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line({ id: '1', opt: 'Y', major: 'Art' }), line({ id: '2', mobile: '7165550102' })])
  const before = await contactsOf(database, teamId)
  const second = [
    line({ id: '1', first: 'Anne', opt: 'N', major: '' }),
    line({ id: '2', mobile: '7165550102' }),
    line({ id: '3', mobile: '7165550103' }),
  ]
  const batchId = await importLines(teamId, second)
  const after = await contactsOf(database, teamId)
  expect(await done(teamId, batchId)).toEqual({ restored: 1, removed: 1, left: 0, leftContacts: [] })
  expect(await contactsOf(database, teamId)).toEqual(before)
  const { state, updated, created, undone } = await db
    .selectFrom('batch')
    .selectAll()
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow()
  expect({ state, updated, created }).toEqual({ state: 'undone', updated: 1, created: 1 })
  expect(undone).toMatchObject({ by: 'dana@example.edu', restored: 1, removed: 1, left: 0 })
  await importLines(teamId, second)
  expect(await contactsOf(database, teamId)).toEqual(after)
})

test('an opt-out that a rejected record brought is undone with its batch', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line()])
  const before = await contactsOf(database, teamId)
  const batchId = await importLines(teamId, [line({ mobile: '12', opt: 'Y' })])
  expect((await contactsOf(database, teamId))[0]?.opted_out).toBe(true)
  expect(await done(teamId, batchId)).toMatchObject({ restored: 1, removed: 0 })
  expect(await contactsOf(database, teamId)).toEqual(before)
})

for (const source of ['contact', 'admin'] as const)
  test(`an opt-out by ${source} is never undone, neither of a created nor of an updated contact`, async () => {
    const teamId = await insertTeam(database)
    const own = (id: string, first = 'Ann') => line({ id, first, mobile: `716555010${id}` })
    await importLines(teamId, [own('1'), own('2')])
    const batchId = await importLines(teamId, [own('1', 'Anne'), own('2', 'Bea'), own('3'), own('4')])
    for (const id of ['1', '3']) await setOptOut(db, teamId, id, 'opted_out', source)
    expect(await done(teamId, batchId)).toEqual({
      restored: 1,
      removed: 1,
      left: 2,
      leftContacts: [
        { contactId: '1', reason: 'preference' },
        { contactId: '3', reason: 'preference' },
      ],
    })
    const contacts = await contactsOf(database, teamId)
    expect(contacts.map(({ contact_id, first_name, opted_out }) => [contact_id, first_name, opted_out])).toEqual([
      ['1', 'Anne', true],
      ['2', 'Ann', false],
      ['3', 'Ann', true],
    ])
  })

test('an opt-out that is stated in the very moment of the undo stands', async () => {
  const teamId = await insertTeam(database)
  await importLines(teamId, [line({ id: '1' })])
  const batchId = await importLines(teamId, [line({ id: '1', first: 'Anne' }), line({ id: '2' })])
  let undoing: ReturnType<typeof done> | undefined
  await db.transaction().execute(async (tx) => {
    for (const id of ['1', '2']) await setOptOut(tx, teamId, id, 'opted_out', 'contact')
    undoing = done(teamId, batchId)
    await expect.poll(waiting).toBe(1)
  })
  expect(await undoing).toMatchObject({ restored: 0, removed: 0, left: 2 })
  const contacts = await contactsOf(database, teamId)
  expect(contacts.map(({ first_name, opted_out }) => [first_name, opted_out])).toEqual([
    ['Anne', true],
    ['Ann', true],
  ])
})

test('batches are undone one after the other, the last one first', async () => {
  const teamId = await insertTeam(database)
  const first = await importLines(teamId, [line({ id: '1' }), line({ id: '2' })])
  const afterFirst = await contactsOf(database, teamId)
  const second = await importLines(teamId, [line({ id: '1', first: 'Anne' })])
  const preview = await previewUndo(db, await teamOf(teamId), first)
  expect(preview).toEqual({
    ok: true,
    figures: { restored: 0, removed: 1, left: 1, leftContacts: [{ contactId: '1', reason: 'another_batch' }] },
  })
  expect(await done(teamId, second)).toMatchObject({ restored: 1, left: 0 })
  expect(await contactsOf(database, teamId)).toEqual(afterFirst)
  expect(await done(teamId, first)).toMatchObject({ removed: 2, left: 0 })
  expect(await contactsOf(database, teamId)).toEqual([])
})

test('an undone batch is no measure for the next files', async () => {
  const teamId = await insertTeam(database)
  const batchId = await importLines(teamId, [line()])
  expect(await recordsOfGoodFiles(db, teamId, 'a', 5)).toEqual([1])
  await done(teamId, batchId)
  expect(await recordsOfGoodFiles(db, teamId, 'a', 5)).toEqual([])
})

test('the last batch of a file says what becomes of it, also when an earlier one is undone', async () => {
  const teamId = await insertTeam(database)
  const { id } = await db
    .insertInto('upload')
    .values({ team_id: teamId, path: '/a.csv', source: 'ftp', state: 'ready', verdict: 'held' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const batches = [await importLines(teamId, [line()]), await importLines(teamId, [line({ first: 'Anne' })])]
  await db.updateTable('batch').set({ upload_id: id }).where('id', 'in', batches).execute()
  const verdict = async () =>
    (await db.selectFrom('upload').select('verdict').where('id', '=', id).executeTakeFirstOrThrow()).verdict
  await done(teamId, batches[0] as string)
  expect(await verdict()).toBe('held')
  await done(teamId, batches[1] as string)
  expect(await verdict()).toBe('imported')
})

test('what is kept goes with its time or its team', async () => {
  const kept = async () =>
    Number((await db.selectFrom('contact_before').select(db.fn.countAll().as('n')).executeTakeFirst())?.n)
  const [past, gone] = [await insertTeam(database), await insertTeam(database)]
  const before = await kept()
  for (const teamId of [past, gone]) {
    await importLines(teamId, [line()])
    const batchId = await importLines(teamId, [line({ first: 'Anne' })])
    if (teamId === past)
      await db
        .updateTable('batch')
        .set({ undo_until: new Date(Date.now() - 2 * 86_400_000) })
        .where('id', '=', batchId)
        .execute()
  }
  expect(await kept()).toBe(before + 2)
  await removeTeam(db, gone)
  expect(await kept()).toBe(before + 1)
  await forgetBefore(db)
  expect(await kept()).toBe(before)
})
