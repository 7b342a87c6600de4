import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { createLog } from '../../log.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import type { Team } from '../../model/team.ts'
import { prepareRuns } from '../../start/runs.ts'
import { type Stop, stopInReverse } from '../../start/stops.ts'
import { Signals } from '../../store/postgres/signals.ts'
import { saveSettings } from '../../store/settings.ts'
import { teamById } from '../../store/teams.ts'
import { contactsOf, insertTeam } from '../support/batches.ts'
import { testDatabase } from '../support/database.ts'
import { settingsOf } from '../support/reading.ts'

const database = testDatabase()
const { db } = database
const log = createLog('silent')

test('a file that comes before the windows are open starts nothing then, and is imported once they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-runs-'))
  const stops: Stop[] = []
  onTestFinished(async () => {
    await stopInReverse(stops, log)
    await rm(folder, { recursive: true })
  })
  const teamId = await insertTeam(database)
  const schedule = { ...forEachWindow(false), overnight: true }
  await saveSettings(db, teamId, 0, { ...settingsOf(), schedule }, 'test')
  const { team } = (await teamById(db, teamId)) as Team
  const runs = prepareRuns(
    {
      ...{ ...database, importPool: database.pool },
      // A window of a later day, by when the file has not changed for long enough.
      ...{ log, now: () => new Date('2199-11-23T08:30:00Z'), signals: new Signals(database.newClient, log) },
      fileAreaOf: (team) => diskFileArea(join(folder, team.team)),
      mailQueued: () => {},
      databaseSpace: async () => ({ freeBytes: 1e9, totalBytes: 1e9 }),
    },
    stops,
  )
  const begun = () => db.selectFrom('run').select(['trigger', 'state']).execute()

  await mkdir(join(folder, team, 'imports'), { recursive: true })
  await writeFile(join(folder, team, 'imports', 'StudentData.csv'), 'ID,First,Last,Mobile\n1,Ann,Lee,716-555-0101\n')
  await runs.look(teamId)
  await runs.scheduleChanged()
  expect(await begun()).toEqual([])

  await runs.open()
  await expect.poll(begun, { timeout: 20_000 }).toEqual([{ trigger: 'scheduled', state: 'imported' }])
  expect(await contactsOf(database, teamId)).toHaveLength(1)
})
