import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { FileArea } from '../../../files/file-area.ts'
import { teamFiles } from '../../../ingest/choosing/team-files.ts'
import { Outlooks } from '../../../ingest/schedule/outlooks.ts'
import type { TeamFile } from '../../../model/team-file.ts'
import { uploadIncomplete, uploadStarted } from '../../../store/uploads/received-bytes.ts'
import { allItems } from '../../../web/http/answers/all-pages.ts'
import { testDatabase } from '../../support/database.ts'
import { Root, rosterOf } from '../restore/root.ts'
import { overlaid } from '../restore/second-mount.ts'

const pool = testDatabase()
const { db } = pool
const base = await mkdtemp(join(tmpdir(), 'rosterport-team-files-'))
afterAll(() => rm(base, { recursive: true, force: true }))

/** Names around a folder whose order differs from that of whole paths, and deep ones. */
const PATHS = ['/a', '/a.csv', '/b/1', '/b/2', '/b.csv', '/b-c', '/b/d/e/f', '/B', '/\u00e9', '/z/a', '/z/b', '/z/c']

async function rootWithFiles(): Promise<Root> {
  const root = await Root.make(base, [pool])
  onTestFinished(() => root.remove())
  for (const path of PATHS) {
    await mkdir(dirname(join(root.folder, path)), { recursive: true })
    await writeFile(join(root.folder, path), '')
  }
  const { team } = root
  await root.upload('held.csv', `${rosterOf(1)}cut`, { confirmed: false })
  await root.upload('held.csv', rosterOf(2))
  for (const name of ['held.csv', 'cut.csv', 'zz.csv']) {
    const upload = { id: randomUUID(), teamId: team.id, path: root.pathOf(name), account: 'sis', address: null }
    await uploadStarted(db, { ...upload, source: 'ftp', temporaryName: upload.id })
    if (name === 'cut.csv') await uploadIncomplete(db, upload.id, null)
  }
  return root
}

const parts = () => ({ db, outlooks: new Outlooks(() => 0), now: new Date() })

async function pagesOf(root: Root, limit: number, area: FileArea = root.area()) {
  const items: TeamFile[] = []
  const list = (after: string | undefined) => teamFiles(parts(), area, root.team, { after, limit })
  for await (const item of allItems(list)) items.push(item)
  return items
}

test('every page size lists each file and upload once, in the same order', async () => {
  const root = await rootWithFiles()
  const whole = (await teamFiles(parts(), root.area(), root.team)).items
  expect(whole.map(({ path }) => path)).toEqual(
    [...PATHS, ...['cut.csv', 'held.csv', 'held.csv', 'held.csv', 'zz.csv'].map((name) => root.pathOf(name))].sort(),
  )
  for (const limit of [1, 2, 3, 5, whole.length - 1, whole.length, 100])
    expect(await pagesOf(root, limit), `${limit} a page`).toEqual(whole)
})

test('what comes and goes between two pages moves no other file, and folders before the page are not read', async () => {
  const root = await rootWithFiles()
  const read: string[] = []
  const area = overlaid(root.area(), {
    list: (folder) => {
      read.push(folder)
      return root.area().list(folder)
    },
  })
  const first = await teamFiles(parts(), area, root.team, { limit: 6 })
  expect(first.items.at(-1)?.path).toBe('/b/1')
  await rm(join(root.folder, 'b/1'))
  await writeFile(join(root.folder, 'B2'), '')
  await writeFile(join(root.folder, 'b/11'), '')
  read.length = 0
  const second = await teamFiles(parts(), area, root.team, { limit: 3, after: first.next ?? '' })
  expect(second.items.map(({ path }) => path)).toEqual(['/b/11', '/b/2', '/b/d/e/f'])
  read.length = 0
  const behind = Buffer.from('/z/a\0').toString('base64url')
  const last = await teamFiles(parts(), area, root.team, { limit: 9, after: behind })
  expect(last.items.map(({ path }) => path)).toEqual(['/z/b', '/z/c', '/\u00e9'])
  expect(read).toEqual(['/', '/z'])
})
