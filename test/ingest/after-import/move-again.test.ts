import { link, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { moveFile } from '../../../ingest/after-import/move.ts'
import { teamPath } from '../../../model/team-path.ts'

const PATH = teamPath('/StudentData.csv')
const ARCHIVE = teamPath('/archive')
const DATE = '2026-11-22'

async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-move-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const area = diskFileArea(folder)
  await area.makeFolder(ARCHIVE)
  await writeFile(join(folder, 'StudentData.csv'), 'ID\n')
  const { identity } = await area.stat(PATH)
  const move = () => moveFile(area, { path: PATH, identity, leftSha256: null }, ARCHIVE, DATE)
  const names = async () => ({
    root: (await readdir(folder)).filter((name) => name.endsWith('.csv')),
    archive: (await readdir(join(folder, 'archive'))).sort(),
  })
  return { folder, move, names }
}

test('a file that a crash left under both names stands under the new one alone, and is not imported again', async () => {
  const { folder, move, names } = await setUp()
  await link(join(folder, 'StudentData.csv'), join(folder, 'archive/StudentData_2026-11-22.csv'))
  expect(await move()).toBe('/archive/StudentData_2026-11-22.csv')
  expect(await names()).toEqual({ root: [], archive: ['StudentData_2026-11-22.csv'] })
})

test('a move that is repeated after a crash finds the file behind names that were taken', async () => {
  const { folder, move, names } = await setUp()
  await writeFile(join(folder, 'archive/StudentData_2026-11-22.csv'), 'an older one')
  expect(await move()).toBe('/archive/StudentData_2026-11-22_2.csv')
  expect(await move()).toBe('/archive/StudentData_2026-11-22_2.csv')
  expect(await names()).toEqual({ root: [], archive: ['StudentData_2026-11-22.csv', 'StudentData_2026-11-22_2.csv'] })
})
