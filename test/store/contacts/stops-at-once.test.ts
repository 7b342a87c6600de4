import { beforeEach, describe, expect, test } from 'vitest'
import { importBatch } from '../../../ingest/batch.ts'
import type { Team } from '../../../model/team.ts'
import { setOptOut } from '../../../store/contacts/contact-list.ts'
import { undoContacts } from '../../../store/contacts/history/undo-contacts.ts'
import { inTransaction } from '../../../store/postgres/database.ts'
import { teamById } from '../../../store/teams.ts'
import { contactsOf, importBytes, insertTeam, openFileOf, parsingBatch } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { seededRandom } from '../../support/random.ts'
import { settingsOf } from '../../support/reading.ts'
import { MAPPED, text } from '../../support/rules.ts'

const database = testDatabase()
const { db } = database
const settings = settingsOf(MAPPED)
const PEOPLE = 120
/** Three have the same number, far from each other in the file. */
const NUMBERS = 40
let teamId: number

const recordOf = (id: number, last: string) =>
  `${id},Ann,${last},716-555-${String(1000 + (id % NUMBERS)).padStart(4, '0')},,,,`
const send = (last: string, ids: readonly number[]) =>
  importBytes(database, teamId, text(...ids.map((id) => recordOf(id, last))), { settings })
const everyone = Array.from({ length: PEOPLE }, (_, id) => id)
/** As the API does it. */
const stop = (id: number) => db.transaction().execute((tx) => setOptOut(tx, teamId, String(id), 'opted_out', 'contact'))
const optedIn = async () =>
  (await contactsOf(database, teamId)).filter(({ opted_out }) => !opted_out).map(({ contact_id }) => contact_id)

const WAIT = { interval: 5, timeout: 5_000 }

/** How many of our transactions wait for a lock of this kind. */
async function waiting(kind: 'transactionid' | 'advisory'): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::integer as n from pg_locks l join pg_stat_activity a using (pid)
      where not l.granted and l.locktype = $1 and a.datname = current_database()`,
    [kind],
  )
  return rows[0].n
}

beforeEach(async () => {
  teamId = await insertTeam(database)
  await send('Lee', everyone)
})

test('of opt-outs said at once by contacts of the same numbers none waits for another forever', async () => {
  const byNumber = everyone.toSorted((a, b) => (a % NUMBERS) - (b % NUMBERS))
  await Promise.all(byNumber.map(stop))
  expect(await optedIn()).toEqual([])
})

test('an import that changes the contacts of a number in another order waits for no opt-out that waits for it', async () => {
  const change = "update contact set last_name = 'Fox' where team_id = $1 and contact_id = $2"
  const said = await inTransaction(database.pool, async (client) => {
    await client.query(change, [teamId, '41'])
    const saying = stop(1)
    saying.catch(() => {})
    await expect.poll(() => waiting('transactionid'), WAIT).toBeGreaterThan(0)
    await client.query(change, [teamId, '1'])
    return { saying }
  })
  await said.saying
  expect(await optedIn()).not.toContain('41')
})

test('no opt-out is lost or fails while an import of the same contacts goes on, nor does the import', async () => {
  for (const [round, last] of ['Fox', 'Poe', 'Kay'].entries()) {
    const order = shuffled(everyone, round)
    const said = order.slice(0, 30)
    const [{ counts }] = await Promise.all([send(last, order), ...said.map(stop)])
    expect(counts).toMatchObject({ records: PEOPLE, updated: PEOPLE })
    const numbers = new Set(said.map((id) => id % NUMBERS))
    expect((await optedIn()).filter((id) => numbers.has(Number(id) % NUMBERS))).toEqual([])
  }
})

describe('an opt-out said after the last look for it', () => {
  const waits = () => expect.poll(() => waiting('advisory'), WAIT).toBeGreaterThan(0)

  test('of an import also reaches the contact that the import creates', async () => {
    const batch = { id: await parsingBatch(db, teamId) }
    const team = (await teamById(db, teamId)) as Team
    const work = { batch, team, settings, signal: new AbortController().signal, progress: () => {} }
    const said = await inTransaction(database.pool, async (client, tx) => {
      await importBatch(client, tx, openFileOf(text(`S1${recordOf(1, 'Lee').slice(1)}`)), work)
      const saying = stop(1)
      await waits()
      return { saying }
    })
    await said.saying
    expect((await contactsOf(database, teamId)).find(({ contact_id }) => contact_id === 'S1')).toMatchObject({
      ...{ opted_out: true, opt_out_source: 'contact' },
    })
  })

  test('of an undo also reaches the contact that gets the number back', async () => {
    const { batchId } = await importBytes(database, teamId, text('1,Ann,Lee,716-555-0199,,,,'), { settings })
    const said = await inTransaction(database.pool, async (_, tx) => {
      await undoContacts(tx, teamId, batchId)
      const saying = stop(41)
      await waits()
      return { saying }
    })
    await said.saying
    expect(await optedIn()).not.toContain('1')
  })
})

function shuffled(ids: readonly number[], seed: number): number[] {
  const random = seededRandom(seed)
  return ids
    .map((id) => ({ id, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ id }) => id)
}
