import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { forEachWindow } from '../../../model/daily-windows.ts'
import type { TeamFile } from '../../../model/team-file.ts'
import { testService } from '../../support/service.ts'
import { anyJson } from '../../support/web.ts'

const service = testService()
const CLOSED = forEachWindow(false)

const roster = (last: string) => `ID,First,Last,Cell,OptOut,Major\n1,Ann,${last},716-555-0101,N,Law\n`

test('a service that starts on a copy of its files says of each what it said before, and imports the newest', async () => {
  const team = await service.makeTeam('restored', { schedule: CLOSED })
  await team.upload('/cadence/imports/StudentData_rejected.csv', 'no header of ours\n')
  expect(await service.runImport('restored')).toMatchObject({ state: 'rejected' })
  await team.uploadAll([
    ['/cadence/imports/StudentData_older.csv', roster('Older')],
    ['/cadence/imports/StudentData_newest.csv', roster('Newest')],
  ])
  const files = async (): Promise<TeamFile[]> =>
    (await anyJson(await service.call('GET', '/api/teams/restored/files'))).items
  const before = await files()
  expect(before.map(({ verdict }) => verdict).sort()).toEqual(['rejected', 'waiting', 'waiting'])

  await service.stop()
  const teams = join(service.dataDir, 'teams')
  await cp(teams, `${teams}.copy`, { recursive: true, preserveTimestamps: true })
  await rm(teams, { recursive: true })
  await rename(`${teams}.copy`, teams)
  await service.start()

  expect(await files()).toEqual(before)
  const run = await service.runImport('restored')
  expect(run).toMatchObject({ state: 'imported', batches: [{ fileName: 'StudentData_newest.csv' }] })
})
