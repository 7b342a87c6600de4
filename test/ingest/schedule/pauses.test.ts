import { expect, test } from 'vitest'
import { Schedule } from '../../../ingest/schedule/schedule.ts'
import { createLog } from '../../../log.ts'
import { forEachWindow } from '../../../model/daily-windows.ts'
import type { Pause } from '../../../model/pauses.ts'
import { currentSettings, saveSettings } from '../../../store/settings.ts'
import { insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { settingsOf } from '../../support/reading.ts'

const database = testDatabase()
const { db } = database
const BREAK = { from: '2026-12-21', to: '2026-12-23', why: 'winter break' }

/** A team in New York with a file that waits. */
async function paused(pauses: Pause[], schedule = { ...forEachWindow(false), overnight: true }) {
  const teamId = await insertTeam(database)
  const body = { ...settingsOf(), schedule, notificationEmails: 'registrar@example.edu' }
  const save = async (list: Pause[]) => {
    const { version } = await currentSettings(db, teamId)
    await saveSettings(db, teamId, version, { ...body, pauses: list }, 'dana@example.edu')
  }
  await save(pauses)
  let now = new Date(0)
  const started: string[] = []
  const windows = new Schedule({
    ...{ db, log: createLog('silent'), now: () => now, signals: { subscribe: () => () => {} } },
    importer: {
      startScheduled: async (team, { date }) => {
        if (team.id === teamId) started.push(date)
        return { ok: true, runId: 'a run' }
      },
    },
    hasFile: async (team) => team.id === teamId,
    mailQueued: () => {},
  })
  const mails = () =>
    db.selectFrom('mail').select(['kind', 'content']).where('team_id', '=', teamId).orderBy('created_at').execute()
  return {
    save,
    started,
    /** The subjects of all mails so far, once somebody has looked at `instant`. */
    lookAt: async (instant: string) => {
      now = new Date(instant)
      await windows.lookAtAll()
      return (await mails()).map(({ content }) => content?.subject)
    },
    mails,
  }
}

test('no window runs or is missed in a pause, and people are told once as it begins and once as it ends', async () => {
  const { lookAt, started, mails } = await paused([BREAK])
  const begun = '[Admissions] windows paused until Dec 23, 2026'
  expect(await lookAt('2026-12-20T09:00:00Z')).toEqual([])
  expect(started).toEqual(['2026-12-20'])
  expect(await lookAt('2026-12-21T04:59:00Z')).toEqual([])
  expect(await lookAt('2026-12-21T05:00:00Z')).toEqual([begun])
  for (const instant of ['2026-12-21T09:00:00Z', '2026-12-22T09:00:00Z', '2026-12-23T23:00:00Z'])
    expect(await lookAt(instant)).toEqual([begun])
  expect(started).toEqual(['2026-12-20'])
  expect(await lookAt('2026-12-24T05:00:00Z')).toEqual([begun, '[Admissions] the pause is over'])
  expect(await lookAt('2026-12-24T09:00:00Z')).toHaveLength(2)
  expect(started).toEqual(['2026-12-20', '2026-12-24'])
  const [told] = await mails()
  expect(told?.kind).toBe('pause')
  expect(told?.content?.text).toContain('are paused until Dec 23, 2026 (winter break)')
})

test('a pause that is made longer is told once, and one that is taken away is over', async () => {
  const { lookAt, save } = await paused([BREAK])
  expect(await lookAt('2026-12-21T06:00:00Z')).toHaveLength(1)
  await save([{ ...BREAK, to: '2027-01-04' }])
  expect(await lookAt('2026-12-24T09:00:00Z')).toHaveLength(1)
  await save([])
  expect(await lookAt('2026-12-24T10:00:00Z')).toHaveLength(2)
})

test('nobody is told of a pause while every window is off', async () => {
  const { lookAt } = await paused([BREAK], forEachWindow(false))
  expect(await lookAt('2026-12-21T09:00:00Z')).toEqual([])
  expect(await lookAt('2026-12-24T09:00:00Z')).toEqual([])
})
