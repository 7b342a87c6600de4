import { sql } from 'kysely'
import { beforeAll, expect, test, vi } from 'vitest'
import { type ContactFilter, listContacts } from '../../../store/contacts/contact-list.ts'
import { createTeam } from '../../../store/teams.ts'
import { allItems } from '../../../web/http/answers/all-pages.ts'
import { testDatabase } from '../../support/database.ts'

const { db } = testDatabase()
let teamId: number

const BATCH = '5f0c9a52-8f0e-4f0a-9d51-0e5a3d6c7b10'
const PEOPLE = [
  ['0100', 'Ann', 'Lee', '+17165550101', 'S77', false, null],
  ['0101', 'Bo', "O'Neil_50%", '+17165550102', 's99', true, BATCH],
  ['a200', 'Chloé', 'Leeds', '+442079460018', null, false, BATCH],
  ['5501', 'Kim', 'Ode', '+17165550199', null, true, null],
  ['b1', 'Thảo Vy', 'Nguyễn', '+17165550143', null, true, null],
  ['b2', 'José', 'García Ørsted', '+17165550144', null, true, null],
  ['b3', 'Łukasz', 'O’Neil Groß', '+17165550145', null, true, null],
] as const

beforeAll(async () => {
  for (const slug of ['admissions', 'bursar']) {
    const team = await createTeam(db, { team: slug, name: slug, timeZone: 'UTC' })
    if (!team) throw new Error('the team was not made')
    teamId ??= team.id
    await db
      .insertInto('contact')
      .values(
        PEOPLE.map(([id, first, last, mobile, staff, optedOut, batch]) => ({
          team_id: team.id,
          contact_id: id,
          first_name: first,
          last_name: last,
          mobile_number: mobile,
          staff_id: staff,
          opted_out: optedOut,
          record_hash: null,
          last_batch_id: batch,
        })),
      )
      .execute()
  }
  await db
    .insertInto('team_user')
    .values({ team_id: teamId, staff_id: 's77', name: 'Kim Ode', email: 'kim@example.edu' })
    .execute()
})

const searches = [
  { search: 'lee', finds: ['0100', 'a200'] },
  { search: 'ann lee', finds: ['0100'] },
  { search: 'Lee, Ann', finds: ['0100'] },
  { search: '010', finds: ['0100', '0101'] },
  { search: 'A200', finds: ['a200'] },
  { search: '1-716-555-0102', finds: ['0101'] },
  { search: '(716) 555', finds: ['0100', '0101', '5501', 'b1', 'b2', 'b3'] },
  { search: '+44 20 7946', finds: ['a200'] },
  { search: "o'neil_50%", finds: ['0101'] },
  { search: 'chlo', finds: ['a200'] },
  { search: '%', finds: [] },
  { search: '_', finds: [] },
  { search: "' or 1=1 --", finds: [] },
  { search: '  ', finds: ['0100', '0101', '5501', 'a200', 'b1', 'b2', 'b3'] },
  { search: 'lee ann', finds: ['0100'] },
  { search: 'leeds chl', finds: ['a200'] },
  { search: 'Leeds,', finds: ['a200'] },
  { search: 'nguyen', finds: ['b1'] },
  { search: 'NGUYỄN', finds: ['b1'] },
  // The same letters, taken apart.
  { search: 'Nguyễn'.normalize('NFD'), finds: ['b1'] },
  { search: 'thao vy nguyen', finds: ['b1'] },
  { search: 'nguyen thao  vy', finds: ['b1'] },
  { search: 'garcia orsted jose', finds: ['b2'] },
  { search: 'jose gar', finds: ['b2'] },
  { search: 'garcía, josé', finds: ['b2'] },
  { search: 'lukasz', finds: ['b3'] },
  { search: "o'neil gross", finds: ['b3'] },
  { search: '0018', finds: ['a200'] },
  { search: '0794', finds: ['a200'] },
  { search: '555-014', finds: ['b1', 'b2', 'b3'] },
  { search: '018', finds: [] },
  // A Contact ID is meant, though numbers have these digits.
  { search: '5501', finds: ['5501'] },
  { search: '65550143', finds: ['b1'] },
  { search: '+0018', finds: [] },
  { search: '-', finds: [] },
]
for (const { search, finds } of searches)
  test(`"${search}" finds ${finds.join(', ') || 'nobody'}, at once and one by one`, async () => {
    expect(await idsOf({ search }, 50)).toEqual(finds)
    expect(await idsOf({ search }, 1)).toEqual(finds)
  })

const filters: { filter: ContactFilter; finds: string[] }[] = [
  { filter: { optedOut: true }, finds: ['0101', '5501', 'b1', 'b2', 'b3'] },
  { filter: { optedOut: false }, finds: ['0100', 'a200'] },
  { filter: { staffId: 's77' }, finds: ['0100'] },
  { filter: { staffId: 'nobody' }, finds: [] },
  { filter: { batches: [BATCH] }, finds: ['0101', 'a200'] },
  { filter: { batches: [] }, finds: [] },
  { filter: { search: '01', optedOut: true }, finds: ['0101'] },
  { filter: { search: 'lee', staffId: 'S77' }, finds: ['0100'] },
  { filter: { search: 'lee', batches: [BATCH] }, finds: ['a200'] },
]
for (const { filter, finds } of filters)
  test(`${JSON.stringify(filter)} finds ${finds.join(', ') || 'nobody'}, at once and one by one`, async () => {
    expect(await idsOf(filter, 50)).toEqual(finds)
    expect(await idsOf(filter, 1)).toEqual(finds)
  })

/** All that the filter finds, in pages of so many. */
async function idsOf(filter: ContactFilter, limit: number): Promise<string[]> {
  const ids: string[] = []
  for await (const { contactId } of allItems((after) => listContacts(db, teamId, { ...filter, after, limit })))
    ids.push(contactId)
  return ids
}

test('a contact is assigned to the user of its own team whom the Staff ID names, whatever the case', async () => {
  const { items } = await listContacts(db, teamId, { limit: 3 })
  expect(items.map((contact) => contact.assignedTo)).toEqual([
    { staffId: 's77', name: 'Kim Ode', email: 'kim@example.edu' },
    null,
    null,
  ])
  const others = await listContacts(db, teamId + 1, { limit: 3 })
  expect(others.items.map((contact) => contact.assignedTo)).toEqual([null, null, null])
})

test('a search that takes too long in one way finds the same in the other', async () => {
  const looked = await db.transaction().execute(async (tx) => {
    // Nobody can read the contacts meanwhile, so that the first way runs out of time.
    await sql`lock table contact in access exclusive mode`.execute(tx)
    const looking = idsOf({ search: 'lee' }, 1)
    await vi.waitFor(async () => {
      const { rows } = await sql`select from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%contacts_found%' and datname = current_database()`.execute(db)
      expect(rows).toHaveLength(1)
    })
    return { looking }
  })
  expect(await looked.looking).toEqual(['0100', 'a200'])
})
