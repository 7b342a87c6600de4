import { beforeEach, expect, test } from 'vitest'
import { NONE_REJECTED } from '../../../../model/rejected-records.ts'
import { NO_COUNTS } from '../../../../model/run.ts'
import { countContacts } from '../../../../store/contacts/contact-counts.ts'
import { type ContactFilter, listContacts } from '../../../../store/contacts/contact-list.ts'
import { keepFewContacts } from '../../../../store/contacts/planning/few-contacts.ts'
import type { Database } from '../../../../store/postgres/database.ts'
import { finishImported } from '../../../../store/runs/batches.ts'
import { insertTeam, parsingBatch } from '../../../support/batches.ts'
import { testDatabase } from '../../../support/database.ts'

const database = testDatabase()
const { db } = database
const LARGE = 5 * 1024 * 1024

let team: number
let batch: string

beforeEach(async () => {
  team = await insertTeam(database)
  batch = await parsingBatch(db, team)
})

function begin(bytes = LARGE): Promise<void> {
  return keepFewContacts(db, { id: batch, team_id: team, bytes })
}

async function add(tx: Database, people: [id: string, last: string, optedOut: boolean][]): Promise<void> {
  await tx
    .insertInto('contact')
    .values(
      people.map(([id, last, optedOut], index) => ({
        team_id: team,
        contact_id: id,
        first_name: 'Ann',
        last_name: last,
        mobile_number: `+1716555010${index}`,
        opted_out: optedOut,
        record_hash: null,
        last_batch_id: null,
        staff_id: null,
      })),
    )
    .execute()
}

async function idsOf(filter: ContactFilter & { after?: string } = {}, limit = 50): Promise<string[]> {
  return (await listContacts(db, team, { ...filter, limit })).items.map(({ contactId }) => contactId)
}

test('contacts of a large import are neither listed nor counted until it ends, then all at once', async () => {
  await add(db, [['b', 'Lee', false]])
  await begin()
  await db.transaction().execute(async (tx) => {
    await add(tx, [
      ['a', 'Lee', true],
      ['c', 'Park', false],
    ])
    expect(await idsOf()).toEqual(['b'])
    expect(await countContacts(db, team)).toEqual({ contacts: 1, optedOut: 0 })
    await finishImported(tx, batch, {
      facts: { sha256: null, header: null },
      counts: NO_COUNTS,
      warnings: {},
      errors: NONE_REJECTED,
    })
    expect(await idsOf()).toEqual(['b'])
  })
  expect(await idsOf()).toEqual(['a', 'b', 'c'])
  expect(await countContacts(db, team)).toEqual({ contacts: 3, optedOut: 1 })
})

const lists: { title: string; wanted: ContactFilter & { after?: string }; limit?: number; finds: string[] }[] = [
  { title: 'all', wanted: {}, finds: ['1', '2', '3'] },
  { title: 'the first', wanted: {}, limit: 1, finds: ['1'] },
  { title: 'those behind', wanted: { after: '1' }, finds: ['2', '3'] },
  { title: 'those of a name', wanted: { search: 'lee' }, finds: ['1', '3'] },
  { title: 'those that opted out', wanted: { optedOut: true }, finds: ['2'] },
  { title: 'those that opted out of a name', wanted: { search: 'lee', optedOut: true }, finds: [] },
]
for (const { title, wanted, limit, finds } of lists)
  test(`the few contacts that there are, ${title}, are found without a look at what is being written`, async () => {
    await add(db, [
      ['1', 'Lee', false],
      ['2', 'Park', true],
      ['3', 'Leeds', false],
    ])
    await begin()
    // A real import would not have committed it: whoever came by it would show it.
    await add(db, [['0', 'Lee', true]])
    expect(await idsOf(wanted, limit)).toEqual(finds)
  })

test('an import whose contacts are many, or whose file is small, is looked through', async () => {
  await begin(1024)
  await add(db, [['1', 'Lee', false]])
  expect(await idsOf()).toEqual(['1'])
  await add(
    db,
    Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 'Lee', false]),
  )
  await begin()
  await add(db, [['0', 'Lee', false]])
  expect((await countContacts(db, team)).contacts).toBe(5_002)
})
