import { createHash } from 'node:crypto'
import { link, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { moveFile } from '../../../ingest/after-import/move.ts'
import { teamPath } from '../../../model/team-path.ts'
import { mountDisk, whyNoDisks } from '../../support/machine/disks.ts'

const whyNot = await whyNoDisks()

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
  const move = () => moveFile(area, { path: PATH, identity, sha256: null }, ARCHIVE, DATE)
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

const crashes: { title: string; sourceStands: boolean; content: string; time: number; taken: boolean }[] = [
  { title: 'copied, and not taken away yet', sourceStands: true, content: 'ID\n', time: 0, taken: true },
  { title: 'copied and taken away', sourceStands: false, content: 'ID\n', time: 0, taken: true },
  { title: 'not the same bytes sent at another time', sourceStands: true, content: 'ID\n', time: 5, taken: false },
  { title: 'not other bytes of that time', sourceStands: true, content: 'IE\n', time: 0, taken: false },
]
for (const { title, sourceStands, content, time, taken } of crashes)
  test(`what stands in an archive on another disk is taken for the file that a crash left there: ${title}`, async ({
    skip,
  }) => {
    skip(whyNot !== null, whyNot ?? undefined)
    const folder = await mkdtemp(join(tmpdir(), 'rosterport-move-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    onTestFinished(await mountDisk(join(folder, 'archive')))
    const area = diskFileArea(folder)
    const source = join(folder, 'StudentData.csv')
    await writeFile(source, 'ID\n')
    const { identity, modifiedAt } = await area.stat(PATH)
    const left = join(folder, 'archive/StudentData_2026-11-22.csv')
    await writeFile(left, content)
    await utimes(left, modifiedAt, new Date(modifiedAt.getTime() + time * 1000))
    if (!sourceStands) await rm(source)
    const sha256 = createHash('sha256').update('ID\n').digest('hex')
    const moved = await moveFile(area, { path: PATH, identity, sha256 }, ARCHIVE, DATE)
    expect(moved).toBe(`/archive/StudentData_2026-11-22${taken ? '' : '_2'}.csv`)
    expect(await readdir(join(folder, 'archive'))).toHaveLength(taken ? 1 : 2)
    expect(await readdir(folder)).not.toContain('StudentData.csv')
  })
