import { expect, test } from 'vitest'
import { Schedule } from '../../../ingest/schedule/schedule.ts'
import { createLog } from '../../../log.ts'
import { forEachWindow } from '../../../model/daily-windows.ts'
import { teamPath } from '../../../model/team-path.ts'
import { saveSettings } from '../../../store/settings.ts'
import { insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { settingsOf } from '../../support/reading.ts'

const database = testDatabase()
const { db } = database

const HOOK = { url: 'https://hooks.example.edu/' }

/** The mails by their kind, the events by their type too. */
async function toldOf(teamId: number): Promise<string[]> {
  const rows = await db.selectFrom('mail').select(['kind', 'content']).where('team_id', '=', teamId).execute()
  return rows.map(({ kind, content }) => (kind === 'webhook' ? `webhook ${content?.subject}` : kind)).toSorted()
}

test('a window that nobody watched is missed, for people and for programs', async () => {
  const teamId = await insertTeam(database)
  const schedule = { ...forEachWindow(false), overnight: true }
  await saveSettings(
    db,
    teamId,
    0,
    { ...settingsOf(), schedule, notificationEmails: 'it@example.edu', webhook: HOOK },
    'test',
  )
  const clock = { now: new Date('2026-11-20T07:00:00Z') }
  const windows = new Schedule({
    ...{ db, log: createLog('silent'), now: () => clock.now },
    importer: { startScheduled: () => Promise.reject(new Error('nothing is to be started')) },
    signals: { subscribe: () => () => {} },
    hasFile: async () => false,
    mailQueued: () => {},
  })
  await windows.look(teamId)
  clock.now = new Date('2026-11-21T15:00:00Z')
  await windows.look(teamId)
  expect(await toldOf(teamId)).toEqual(['missed', 'webhook window.missed', 'webhook window.missed'])
})

const ends = [
  { title: 'its own run, which found nothing, is empty', own: true, state: 'empty', told: ['webhook window.empty'] },
  {
    title: 'another run, is missed, and a mail says so',
    own: false,
    state: 'skipped_overlap',
    told: ['missed', 'webhook window.missed'],
  },
]
for (const { title, own, state, told } of ends)
  test(`a window in whose way somebody last saw ${title}`, async () => {
    const teamId = await insertTeam(database)
    const windows = { ...forEachWindow(false), overnight: true }
    const settings = { ...settingsOf(), schedule: windows, notificationEmails: 'registrar@example.edu', webhook: HOOK }
    const results = { path: teamPath('/results'), rejectedRecords: true }
    await saveSettings(db, teamId, 0, { ...settings, results }, 'test')
    const slot = { window_name: 'overnight' as const, local_date: '2026-11-20' }
    const run = await db
      .insertInto('run')
      .values({
        ...{ team_id: teamId, number: 1, trigger: own ? 'scheduled' : 'on_demand', state: 'nothing_to_import' },
        window_name: own ? slot.window_name : null,
        window_date: own ? slot.local_date : null,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const [opensAt, closesAt] = [new Date('2026-11-20T08:00:00Z'), new Date('2026-11-20T10:00:00Z')]
    await db
      .insertInto('slot')
      .values({
        ...{ team_id: teamId, ...slot, state: 'waiting', opens_at: opensAt, closes_at: closesAt, opened_at: opensAt },
        blocked_by: run.id,
      })
      .execute()
    const schedule = new Schedule({
      ...{ db, log: createLog('silent'), now: () => new Date('2026-11-20T10:05:00Z') },
      importer: { startScheduled: () => Promise.reject(new Error('nothing is to be started')) },
      signals: { subscribe: () => () => {} },
      hasFile: async () => false,
      mailQueued: () => {},
    })
    await schedule.look(teamId)
    const ended = await db
      .selectFrom('slot')
      .select('state')
      .where('team_id', '=', teamId)
      .where('local_date', '=', '2026-11-20')
      .execute()
    expect(ended).toEqual([{ state }])
    expect(await toldOf(teamId)).toEqual(told)
    const due = await db.selectFrom('written_file').select(['path', 'state']).where('team_id', '=', teamId).execute()
    const path = '/results/no_file_2026-11-20_overnight.txt'
    expect(due).toEqual(own ? [{ path, state: 'due' }] : [])
  })

test('a stop waits for the look that is going on, and nobody looks afterwards', async () => {
  const teamId = await insertTeam(database)
  const schedule = { ...settingsOf().schedule, overnight: true }
  await saveSettings(db, teamId, 0, { ...settingsOf(), schedule }, 'test')
  const looks: string[] = []
  const looking = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<boolean>()
  const windows = new Schedule({
    ...{ db, log: createLog('silent'), now: () => new Date('2026-11-20T09:00:00Z') },
    importer: { startScheduled: () => Promise.reject(new Error('nothing is to be started')) },
    signals: { subscribe: () => () => {} },
    hasFile: () => {
      looks.push('began')
      looking.resolve()
      return answer.promise
    },
    mailQueued: () => {},
  })
  const look = windows.look(teamId).then(() => looks.push('ended'))
  await looking.promise
  const stopped = windows.stop().then(() => looks.push('stopped'))
  await db.selectFrom('team').select('id').execute()
  expect(looks).toEqual(['began'])
  answer.resolve(false)
  await Promise.all([look, stopped])
  await windows.look(teamId)
  await windows.changed()
  expect(looks).toEqual(['began', 'ended', 'stopped'])
})
