import { expect, test } from 'vitest'
import { findContact } from '../../../store/contacts/contact-list.ts'
import { replaceTeamUsers } from '../../../store/team-users.ts'
import { contactsOf, importBytes, insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { settingsOf } from '../../support/reading.ts'

const database = testDatabase()
const { db } = database

const settings = settingsOf({
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Mobile', staffId: 'Advisor' },
})
const FILE = 'ID,First,Last,Mobile,Advisor\n1,Ann,Lee,716-555-0101,s77\n'

test('an unknown Staff ID assigns the contact once such a user is added, without regard to case', async () => {
  const teamId = await insertTeam(database)
  await importBytes(database, teamId, FILE, { settings })
  expect(await findContact(db, teamId, '1')).toMatchObject({ staffId: 's77', assignedTo: null })
  const sam = { staffId: 'S77', name: 'Sam Ortiz', email: 'sam@example.edu' }
  await replaceTeamUsers(db, teamId, [sam])
  expect(await findContact(db, teamId, '1')).toMatchObject({ assignedTo: sam })
  const again = await importBytes(database, teamId, FILE, { settings })
  expect(again).toMatchObject({ counts: { unchanged: 1 }, warnings: { W_IDENTICAL_FILE: 1 } })
  await replaceTeamUsers(db, teamId, [])
  expect((await importBytes(database, teamId, FILE, { settings })).warnings.W_STAFF_UNKNOWN).toBe(1)
})

test('a team takes its contacts with it, and a batch that goes is forgotten by them', async () => {
  const [stays, goes] = [await insertTeam(database), await insertTeam(database)]
  const { batchId } = await importBytes(database, stays, FILE, { settings })
  await importBytes(database, goes, FILE, { settings })
  await db.deleteFrom('team').where('id', '=', goes).execute()
  expect(await contactsOf(database, goes)).toEqual([])
  expect(await findContact(db, stays, '1')).toMatchObject({ lastBatchId: batchId })
  await db.deleteFrom('batch').where('id', '=', batchId).execute()
  expect(await findContact(db, stays, '1')).toMatchObject({ lastBatchId: null })
})

test('whoever reads contacts while a file is imported sees none of it before all of it', async () => {
  const teamId = await insertTeam(database)
  const records = Array.from({ length: 40 }, (_, index) => `k${index},Ann,Lee,716-555-01${10 + index},\n`)
  const seen: Promise<number>[] = []
  await importBytes(database, teamId, `ID,First,Last,Mobile,Advisor\n${records.join('')}`, {
    settings,
    options: { recordsPerChunk: 10 },
    progress: () => seen.push(contactsOf(database, teamId).then((contacts) => contacts.length)),
  })
  expect(seen).toHaveLength(4)
  for (const count of await Promise.all(seen)) expect([0, 40]).toContain(count)
  expect(await contactsOf(database, teamId)).toHaveLength(40)
})
