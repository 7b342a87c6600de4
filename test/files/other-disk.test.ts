import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import type { FileArea } from '../../files/file-area.ts'
import { setAside } from '../../files/set-aside.ts'
import { HIDDEN_FOLDER, type TeamPath, teamPath } from '../../model/team-path.ts'
import { mountDisk, whyNoDisks } from '../support/machine/disks.ts'
import { fileAreaSuite } from './file-area-suite.ts'

const whyNot = await whyNoDisks()

/** A root in which each of these folders is a disk of its own. */
async function rootWith(...disks: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-disks-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const disk of disks) onTestFinished(await mountDisk(join(folder, 'root', disk)))
  return join(folder, 'root')
}

async function put(area: FileArea, path: string, content: string) {
  const pending = await area.receive()
  await pending.write(Buffer.from(content))
  await pending.seal()
  return pending.publish(teamPath(path))
}

async function textOf(area: FileArea, path: TeamPath): Promise<string> {
  const file = await area.open(path)
  try {
    return Buffer.concat(await listed(file.read())).toString()
  } finally {
    await file.close()
  }
}

async function listed<T>(found: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of found) all.push(one)
  return all
}

/** What is in a folder on the disk, hidden names too. */
const all = (folder: string) => readdir(folder, { recursive: true }).then((names) => names.sort())

describe('folders that are disks of their own', () => {
  beforeEach(({ skip }) => skip(whyNot !== null, whyNot ?? undefined))
  fileAreaSuite(
    'a file area whose hidden folder is a disk of its own',
    async () => diskFileArea(await rootWith(HIDDEN_FOLDER)),
    { copies: true },
  )

  test('an upload to a folder on another disk is copied there, whole and with nothing left over', async () => {
    const root = await rootWith('imports')
    const area = diskFileArea(root)
    const content = 'x'.repeat(3_000_001)
    const entry = await put(area, '/imports/a.csv', content)
    expect(entry.identity.device).toBe((await stat(join(root, 'imports'), { bigint: true })).dev)
    expect(await textOf(area, teamPath('/imports/a.csv'))).toBe(content)
    await put(area, '/imports/a.csv', 'newer')
    expect(await textOf(area, teamPath('/imports/a.csv'))).toBe('newer')
    expect(await all(root)).toEqual([HIDDEN_FOLDER, 'imports', 'imports/a.csv'])
    await area.removeThis(teamPath('/imports/a.csv'), (await area.stat(teamPath('/imports/a.csv'))).identity)
    expect(await all(root)).toEqual([HIDDEN_FOLDER, 'imports'])
  })

  for (const [from, to] of [
    ['/a.csv', '/archive/a.csv'],
    ['/archive/a.csv', '/a.csv'],
  ] as const)
    test(`that very file is moved from ${from} to ${to}, and never over another`, async () => {
      const root = await rootWith('archive')
      const area = diskFileArea(root)
      const [source, target, taken] = [teamPath(from), teamPath(to), teamPath(`${to}.taken`)]
      const { identity } = await put(area, from, 'older')
      const newer = await put(area, from, 'newer')
      await put(area, taken, 'taken')
      await expect(area.moveThis(source, identity, target)).rejects.toMatchObject({ kind: 'not-found' })
      await expect(area.moveThis(source, newer.identity, taken)).rejects.toMatchObject({ kind: 'already-exists' })
      expect([await textOf(area, source), await textOf(area, taken)]).toEqual(['newer', 'taken'])
      await area.moveThis(source, newer.identity, target)
      expect(await textOf(area, target)).toBe('newer')
      await expect(area.stat(source)).rejects.toMatchObject({ kind: 'not-found' })
      const { modifiedAt } = await area.stat(target)
      expect(Math.abs(modifiedAt.getTime() - newer.modifiedAt.getTime())).toBeLessThanOrEqual(1)
      expect((await all(root)).filter((name) => name.includes('.csv') || name.includes('moving'))).toHaveLength(2)
    })

  test('a client may rename a file to another disk, and is told what it is now; a folder is refused in words', async () => {
    const root = await rootWith('archive')
    const area = diskFileArea(root)
    await put(area, '/a.csv', 'a')
    await put(area, '/archive/b.csv', 'b')
    const [a, b] = [teamPath('/a.csv'), teamPath('/archive/b.csv')]
    await expect(area.move(a, b, { replace: false })).rejects.toMatchObject({ kind: 'already-exists' })
    expect(await area.move(a, b, { replace: true })).toEqual((await area.stat(b)).identity)
    expect(await textOf(area, b)).toBe('a')
    expect(await area.move(b, teamPath('/archive/c.csv'), { replace: true })).toBeNull()
    await area.makeFolder(teamPath('/folder'))
    for (const [from, to] of [
      ['/folder', '/archive/folder'],
      ['/archive', '/elsewhere'],
    ])
      await expect(
        area.move(teamPath(from as string), teamPath(to as string), { replace: false }),
      ).rejects.toMatchObject({ kind: 'other-disk' })
    expect(await all(root)).toEqual([HIDDEN_FOLDER, 'archive', 'archive/c.csv', 'folder'])
  })

  test('of many moves to one name on another disk exactly one succeeds, and no file is lost', async () => {
    const area = diskFileArea(await rootWith('archive'))
    const sources = Array.from({ length: 20 }, (_, index) => teamPath(`/${index}.csv`))
    for (const source of sources) await put(area, source, source)
    const to = teamPath('/archive/taken.csv')
    const moves = await Promise.allSettled(sources.map((source) => area.move(source, to, { replace: false })))
    const won = moves.findIndex(({ status }) => status === 'fulfilled')
    expect(moves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await textOf(area, to)).toBe(sources[won])
    for (const source of sources.toSpliced(won, 1)) expect(await textOf(area, source)).toBe(source)
  })

  test('the room of a folder is that of its own disk', async () => {
    const root = await rootWith('imports')
    const area = diskFileArea(root)
    expect((await area.space(teamPath('/imports'))).totalBytes).toBe(64 << 20)
    expect((await area.space()).totalBytes).not.toBe(64 << 20)
    expect(await area.space(teamPath('/none'))).toMatchObject({ totalBytes: (await area.space()).totalBytes })
  })

  test('what is set aside stays on its disk, also where a disk is mounted on the folder or inside it', async () => {
    const root = await rootWith('', 'imports')
    await writeFile(join(root, 'a.csv'), 'a')
    await writeFile(join(root, 'imports/b.csv'), 'b')
    await mkdir(join(root, HIDDEN_FOLDER))
    await writeFile(join(root, HIDDEN_FOLDER, 'pending'), 'c')
    const area = diskFileArea(root)
    for (let again = 0; again < 2; again++) await setAside(root, new Date('2026-11-22T15:00:00Z'))
    const left = await listed(area.list(teamPath('/')))
    expect(left.map(({ path }) => path)).toEqual(['/imports'])
    expect(await listed(area.list(teamPath('/imports')))).toEqual([])
    expect([await area.pending(), await area.usage()]).toEqual([[], { bytes: 0, files: 0, folders: 1 }])
    const kept = (await all(root)).filter((name) => /a\.csv|b\.csv|pending/.test(name))
    expect(kept.map((name) => name.replace(/root_[^/]+/, '*'))).toEqual([
      '.rosterport/removed/*/.rosterport/pending',
      '.rosterport/removed/*/a.csv',
      'imports/.rosterport/removed/*/b.csv',
    ])
  })
})
