import { beforeAll, expect, test } from 'vitest'
import { dailyFigures, latestSizes } from '../../../store/runs/daily-figures.ts'
import { createTeam } from '../../../store/teams.ts'
import { testDatabase } from '../../support/database.ts'

const { db } = testDatabase()
const ids: number[] = []

beforeAll(async () => {
  for (const [team, timeZone] of [
    ['admissions', 'America/New_York'],
    ['brisbane', 'Australia/Brisbane'],
  ] as const) {
    const { id } = (await createTeam(db, { team, name: team, timeZone })) as { id: number }
    ids.push(id)
    const run = await db
      .insertInto('run')
      .values({ team_id: id, number: 1, trigger: 'on_demand', requested_by: 'dana@example.edu', state: 'imported' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const batch = (ordinal: number, state: 'imported' | 'imported_with_errors' | 'undone' | 'held', at: string) => ({
      run_id: run.id,
      team_id: id,
      ordinal,
      state,
      path: '/in/StudentData.csv',
      file_name: 'StudentData.csv',
      bytes: 1000,
      settings_version: 1,
      records: 100 + ordinal,
      created: 10,
      unchanged: 90,
      rejected: ordinal,
      undone: state === 'undone' ? '{}' : null,
      started_at: new Date(Date.parse(at) - 1500),
      finished_at: new Date(at),
    })
    await db
      .insertInto('batch')
      .values([
        batch(0, 'imported', '2026-11-20T15:00:00Z'),
        batch(1, 'imported_with_errors', '2026-11-20T16:00:00Z'),
        batch(2, 'undone', '2026-11-21T15:00:00Z'),
        batch(3, 'held', '2026-11-21T16:00:00Z'),
        batch(4, 'imported', '2026-08-01T15:00:00Z'),
      ])
      .execute()
  }
})

const FROM = new Date('2026-09-01T00:00:00Z')
const DAY = { files: 2, records: 201, created: 20, errors: 1, duration: 3000, bytes: 2000 }

test('what was imported counts on the day of the team; what was undone, held or long ago does not', async () => {
  expect(await dailyFigures(db, [ids[0] as number], FROM)).toEqual([{ date: '2026-11-20', ...DAY }])
  // There it was already the next day.
  expect(await dailyFigures(db, [ids[1] as number], FROM)).toEqual([{ date: '2026-11-21', ...DAY }])
  expect((await dailyFigures(db, 'all', FROM)).map(({ date }) => date)).toEqual(['2026-11-20', '2026-11-21'])
  expect(await dailyFigures(db, [], FROM)).toEqual([])
})

test('the records of the latest imports come newest first', async () => {
  expect(await latestSizes(db, ids, 2)).toEqual(new Map(ids.map((id) => [id, [101, 100]])))
})
