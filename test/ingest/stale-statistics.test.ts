import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listContacts } from '../../store/contacts/contact-list.ts'
import { undoContacts } from '../../store/contacts/history/undo-contacts.ts'
import { removeTeam } from '../../store/teams.ts'
import { importBytes, insertTeam } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()
const { db } = database

const RECORDS = 3_000
/** What grows with the square of the records takes some hundred times as long. */
const TIMES_AS_LONG = 12

const HEADER = 'ID,First,Last,Mobile'
const contactFile = (last: (n: number) => string, records = RECORDS) =>
  [
    HEADER,
    ...Array.from(
      { length: records },
      (_, n) => `${n},Ann,${last(n)},716-${200 + Math.floor(n / 100)}-01${`${n % 100}`.padStart(2, '0')}`,
    ),
    '',
  ].join('\n')
const FIRST = contactFile(() => 'Lee')
const NEXT = {
  'the same again': FIRST,
  'some changed': contactFile((n) => (n % 20 === 0 ? 'Park' : 'Lee')),
  'all changed': contactFile(() => 'Kim'),
  'some new': contactFile(() => 'Lee', RECORDS * 1.1),
}

for (const sharedMobile of ['warn', 'reject'] as const)
  test(`a team unknown to the statistics is imported and undone as any other (${sharedMobile} shared numbers)`, async () => {
    const settings = settingsOf({ sharedMobile })
    const imports = (teamId: number, file: string) => importBytes(database, teamId, file, { settings })
    const timed = async (work: () => Promise<unknown>) => {
      const begun = performance.now()
      await work()
      return performance.now() - begun
    }
    const times = async (teamId: number) => {
      const taken: Record<string, number> = {}
      for (const [title, file] of Object.entries(NEXT)) {
        let batchId = ''
        taken[title] = await timed(async () => {
          batchId = (await imports(teamId, file)).batchId
        })
        taken[`${title}, listed`] = await timed(() => listContacts(db, teamId, { batches: [batchId], limit: 50 }))
        taken[`${title}, undone`] = await timed(() =>
          db.transaction().execute((tx) => undoContacts(tx, teamId, batchId)),
        )
      }
      return taken
    }
    await sql`alter table contact set (autovacuum_enabled = off)`.execute(db)
    const [known, unknown] = [await insertTeam(database), await insertTeam(database)]
    await imports(known, FIRST)
    await sql`analyze contact`.execute(db)
    const expected = await times(known)
    const compare = async (teamId: number) => {
      await imports(teamId, FIRST)
      for (const [title, time] of Object.entries(await times(teamId)))
        expect(time, title).toBeLessThan(TIMES_AS_LONG * Math.max(expected[title] as number, 100))
    }
    await compare(unknown)
    // Statistics that were taken when every contact was gone, and the place of the gone ones is still there.
    for (const teamId of [known, unknown]) await removeTeam(db, teamId)
    await sql`analyze contact`.execute(db)
    await compare(await insertTeam(database))
  })
