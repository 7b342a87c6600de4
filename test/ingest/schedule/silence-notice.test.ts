import { expect, test } from 'vitest'
import { tellSilence } from '../../../ingest/schedule/silence-notice.ts'
import type { ImportSettingsBody } from '../../../model/import-settings.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { saveSettings } from '../../../store/settings.ts'
import { teamById } from '../../../store/teams.ts'
import { importBytes, insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { SETTINGS } from '../../support/service.ts'

const database = testDatabase()
const { db } = database

/** A team whose people are told about, at the instants that a test names. */
async function watched(
  silenceHours: ImportSettingsBody['silenceHours'],
  webhook: ImportSettingsBody['webhook'] = null,
) {
  const teamId = await insertTeam(database)
  await saveSettings(db, teamId, 0, { ...SETTINGS, silenceHours, webhook }, 'dana@example.edu')
  const team = await teamById(db, teamId)
  if (!team) throw new Error('no team')
  return {
    /** How many mails there are once somebody has looked at `instant`. */
    told: async (instant: string) => {
      await tellSilence(db, team, new Date(instant))
      return (await notices(db, teamId)).length
    },
    notices: () => notices(db, teamId),
    events: async () => {
      const mails = db.selectFrom('mail').select('content').where('team_id', '=', teamId)
      const queued = await mails.where('kind', '=', 'webhook').execute()
      const events = queued.map(({ content }) => JSON.parse(content?.text ?? ''))
      return events.filter(({ type }) => type === 'file.overdue')
    },
    arrived: (instant: string, path = '/cadence/imports/StudentData.csv') =>
      db
        .insertInto('upload')
        .values({
          team_id: teamId,
          path,
          source: 'ftp',
          state: 'ready',
          received_at: new Date(instant),
          verdict: 'waiting',
        })
        .execute(),
    imported: async (instant: string) => {
      const file = 'ID,First,Last,Cell,OptOut\r\n1,Ann,Lee,716-555-0101,N\r\n'
      const { batchId } = await importBytes(database, teamId, file, { settings: { ...SETTINGS, version: 1 } })
      await db
        .updateTable('batch')
        .set({ received_at: new Date(instant) })
        .where('id', '=', batchId)
        .execute()
    },
  }
}

function notices(db: Database, teamId: number) {
  return db
    .selectFrom('mail')
    .select(['kind', 'recipients', 'content'])
    .where('team_id', '=', teamId)
    .where('kind', '=', 'silent')
    .execute()
}

test('people are told once that no file comes, and again only after the next one', async () => {
  const team = await watched(26)
  await team.imported('2026-06-01T12:00:00Z')
  expect(await team.told('2026-06-02T13:59:59Z')).toBe(0)
  expect(await team.told('2026-06-02T14:00:00Z')).toBe(1)
  expect(await team.told('2026-06-02T14:05:00Z')).toBe(1)
  expect(await team.told('2026-08-02T14:00:00Z')).toBe(1)
  await team.arrived('2026-08-03T12:00:00Z')
  expect(await team.told('2026-08-04T13:59:59Z')).toBe(1)
  expect(await team.told('2026-08-04T14:00:00Z')).toBe(2)
  const [mail] = await team.notices()
  expect(mail?.content?.subject).toBe('[Admissions] no file for 26 hours')
  expect(mail?.content?.text).toContain('The last one came Mon, Jun 1, 2026')
  expect(mail?.recipients.map(({ address }) => address)).toEqual(['registrar@example.edu', 'it@example.edu'])
})

test('a team hears nothing before its first import', async () => {
  const team = await watched(26)
  await team.arrived('2026-06-01T12:00:00Z')
  expect(await team.told('2026-07-01T12:00:00Z')).toBe(0)
})

test('a file that no run would take does not count', async () => {
  const team = await watched(26)
  await team.imported('2026-06-01T12:00:00Z')
  await team.arrived('2026-06-02T12:00:00Z', '/cadence/imports/Grades.csv')
  expect(await team.told('2026-06-02T14:00:00Z')).toBe(1)
})

test('switched off, nobody is told', async () => {
  const team = await watched(null)
  await team.imported('2026-06-01T12:00:00Z')
  expect(await team.told('2027-06-01T12:00:00Z')).toBe(0)
})

const hours = [
  { title: 'one hour', silenceHours: 1, last: '2026-06-01T12:00:00Z', due: '2026-06-01T13:00:00Z' },
  { title: 'a week', silenceHours: 168, last: '2026-06-01T12:00:00Z', due: '2026-06-08T12:00:00Z' },
  {
    title: '26 hours over the night that has 23',
    silenceHours: 26,
    last: '2026-03-07T17:00:00Z',
    due: '2026-03-08T19:00:00Z',
  },
  {
    title: '26 hours over the night that has 25',
    silenceHours: 26,
    last: '2026-10-31T16:00:00Z',
    due: '2026-11-01T18:00:00Z',
  },
]
for (const { title, silenceHours, last, due } of hours)
  test(`silence of ${title} is told when so many hours have passed`, async () => {
    const team = await watched(silenceHours)
    await team.imported(last)
    expect(await team.told(new Date(Date.parse(due) - 1000).toISOString())).toBe(0)
    expect(await team.told(due)).toBe(1)
  })

test('a program is told with the people, once, since when no file has come', async () => {
  const team = await watched(26, { url: 'https://hooks.example.edu/' })
  await team.imported('2026-11-20T08:00:00Z')
  await team.told('2026-11-21T09:00:00Z')
  expect(await team.events()).toEqual([])
  await team.told('2026-11-21T11:00:00Z')
  await team.told('2026-11-22T11:00:00Z')
  expect(await team.events()).toEqual([
    {
      type: 'file.overdue',
      timestamp: expect.any(String),
      data: {
        ...{ team: expect.any(String), lastFileAt: '2026-11-20T08:00:00.000Z', hours: 26 },
        sentence: 'No file that can be imported has arrived for more than 26 hours.',
      },
    },
  ])
})
