import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import type { FileArea, OpenFile, PendingFile } from '../../files/file-area.ts'
import { setAside } from '../../files/set-aside.ts'
import { MARK, type RootOwner, TeamRoot } from '../../files/team-root.ts'
import { HIDDEN_FOLDER, ROOT, teamPath } from '../../model/team-path.ts'
import type { FileIdentity } from '../../model/upload.ts'
import { mountDisk, whyNoDisks } from '../support/machine/disks.ts'
import { fileAreaSuite } from './file-area-suite.ts'

const whyNot = await whyNoDisks()
const REFUSED = expect.objectContaining({ name: 'RootProblem' })

async function rootFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-mark-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'admissions')
}

interface TestOwner extends RootOwner {
  removed: boolean
  readonly refusals: string[]
}

function owner(mark: string): TestOwner {
  const refusals: string[] = []
  return {
    mark,
    removed: false,
    refusals,
    async exists() {
      return !this.removed
    },
    refused: (found) => void refusals.push(found),
  }
}

function areaOf(root: string, of: RootOwner): FileArea {
  return diskFileArea(root, undefined, undefined, undefined, undefined, undefined, of)
}

async function put(area: FileArea, path: string, content: string): Promise<FileIdentity> {
  const pending = await area.receive()
  await pending.write(Buffer.from(content))
  await pending.seal()
  return (await pending.publish(teamPath(path))).identity
}

async function listed<T>(found: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of found) all.push(one)
  return all
}

/** Everything below a folder, byte for byte, with what tells one file from another; null where it is not there. */
async function picture(folder: string): Promise<unknown> {
  const names = await readdir(folder, { recursive: true }).catch(() => null)
  if (names === null) return null
  names.sort()
  return Promise.all(
    names.map(async (name) => {
      const { ino, mtimeMs, size } = await stat(join(folder, name))
      const content = await readFile(join(folder, name), 'utf8').catch(() => null)
      return { name, ino, mtimeMs, size, content }
    }),
  )
}

fileAreaSuite('a file area with an owner', async () => areaOf(await rootFolder(), owner('7 first')))

/** Of a team that was removed while it was in use. */
interface Outlived {
  area: FileArea
  temporaryName: string
  pending: PendingFile
  sealed: PendingFile
  opened: OpenFile
  /** Of the file that has the name now. */
  identity: FileIdentity
}

/** A team with files is removed; with `again` another gets its name, and its files have the same names, hidden ones too. */
async function outlived({ again }: { again: boolean }): Promise<Outlived & { root: string }> {
  const root = await rootFolder()
  const first = owner('7 first')
  const area = areaOf(root, first)
  for (const name of ['/a.csv', '/b.csv']) await put(area, name, 'first')
  await area.makeFolder(teamPath('/folder'))
  const [pending, sealed] = [await area.receive(), await area.receive()]
  await pending.write(Buffer.from('first'))
  await sealed.seal()
  const opened = await area.open(teamPath('/a.csv'))
  onTestFinished(() => opened.close())
  let { identity } = opened.entry
  first.removed = true
  await setAside(root, new Date('2026-11-22T15:00:00Z'))
  if (again) {
    const second = owner('9 second')
    await new TeamRoot(root, second).claim()
    const theirs = areaOf(root, second)
    identity = await put(theirs, '/a.csv', 'second')
    await theirs.makeFolder(teamPath('/folder'))
    for (const { temporaryName } of [pending, sealed]) {
      await writeFile(join(root, HIDDEN_FOLDER, temporaryName), 'second')
      await theirs.keepNote(temporaryName, 'second')
    }
  }
  return { root, area, pending, sealed, opened, identity, temporaryName: sealed.temporaryName }
}

const [A, B, FOLDER] = [teamPath('/a.csv'), teamPath('/b.csv'), teamPath('/folder')]

/** Null for what only reads a file that was opened before. */
const OPERATIONS: Record<keyof FileArea, ((given: Outlived) => Promise<unknown>) | null> = {
  receive: ({ area }) => area.receive(),
  resume: ({ area, temporaryName }) => area.resume(temporaryName),
  openPending: ({ area, temporaryName }) => area.openPending(temporaryName),
  pending: ({ area }) => area.pending(),
  keepNote: ({ area, temporaryName }) => area.keepNote(temporaryName, 'first'),
  notes: ({ area }) => area.notes(),
  dropNote: ({ area, temporaryName }) => area.dropNote(temporaryName),
  stat: ({ area }) => area.stat(A),
  list: ({ area }) => listed(area.list(ROOT)),
  open: ({ area }) => area.open(A),
  sha256: null,
  makeFolder: ({ area }) => area.makeFolder(teamPath('/new')),
  flushName: ({ area }) => area.flushName(A),
  move: ({ area }) => area.move(A, B, { replace: true }),
  remove: ({ area }) => area.remove(A),
  moveThis: ({ area, identity }) => area.moveThis(A, identity, B),
  removeThis: ({ area, identity }) => area.removeThis(A, identity),
  removeFolder: ({ area }) => area.removeFolder(FOLDER),
  setModified: ({ area }) => area.setModified(A, new Date(0)),
  space: ({ area }) => area.space(),
  usage: ({ area }) => area.usage(),
}

/** Refused, or what becomes of them: they work on a file that is open, or have nothing to do. */
const OF_PENDING: Record<Exclude<keyof PendingFile, 'temporaryName' | 'bytes'>, 'refused' | 'harmless'> = {
  write: 'harmless',
  append: 'harmless',
  written: 'harmless',
  seal: 'harmless',
  publish: 'refused',
  discard: 'harmless',
}
const PENDING_CALLS: Record<keyof typeof OF_PENDING, (given: Outlived) => Promise<unknown>> = {
  write: ({ pending }) => pending.write(Buffer.from('more')),
  append: ({ pending }) => pending.append(Buffer.from('more')),
  written: ({ pending }) => pending.written(),
  seal: ({ pending }) => pending.seal(),
  publish: ({ sealed }) => sealed.publish(A),
  discard: ({ sealed }) => sealed.discard(),
}

/** The public names of a class. */
function callsOf(object: object): string[] {
  const own = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object))
  return Object.keys(own).filter((name) => name !== 'constructor' && typeof own[name]?.value === 'function')
}

describe.each([
  { title: 'whose name was given again', again: true },
  { title: 'whose name is free', again: false },
])('the file area of a removed team $title', ({ again }) => {
  test.each(Object.keys(OPERATIONS) as (keyof FileArea)[])('refuses %s and leaves everything', async (name) => {
    const given = await outlived({ again })
    const before = await picture(given.root)
    const work = OPERATIONS[name]
    if (work) await expect(work(given)).rejects.toEqual(REFUSED)
    else expect(await given.area.sha256(given.opened)).toHaveLength(64)
    expect(await picture(given.root)).toEqual(before)
  })

  test.each(Object.keys(OF_PENDING) as (keyof typeof OF_PENDING)[])(
    'leaves everything at %s of an upload',
    async (name) => {
      const given = await outlived({ again })
      const before = await picture(given.root)
      const done = PENDING_CALLS[name](given)
      if (OF_PENDING[name] === 'refused') await expect(done).rejects.toEqual(REFUSED)
      else await done
      expect(await picture(given.root)).toEqual(before)
    },
  )
})

test('these tests try each call of a file area and of a pending file', async () => {
  const area = areaOf(await rootFolder(), owner('7 first'))
  expect(callsOf(area).sort()).toEqual(Object.keys(OPERATIONS).sort())
  expect(callsOf(await area.receive()).sort()).toEqual(Object.keys(OF_PENDING).sort())
})

test('a listing in progress ends when the root becomes that of another team', async () => {
  const root = await rootFolder()
  const first = owner('7 first')
  const area = areaOf(root, first)
  await area.makeFolder(ROOT)
  const names = Array.from({ length: 300 }, (_, index) => `${index}.csv`)
  for (const name of names) await writeFile(join(root, name), 'first')
  const entries = area.list(ROOT)[Symbol.asyncIterator]()
  await entries.next()
  await setAside(root, new Date())
  await new TeamRoot(root, owner('9 second')).claim()
  for (const name of names) await writeFile(join(root, name), 'second')
  await expect(
    (async () => {
      while (!(await entries.next()).done);
    })(),
  ).rejects.toEqual(REFUSED)
})

test('a root without a mark gets it at the first operation, also where it is there already', async () => {
  const root = await rootFolder()
  await mkdir(root)
  await writeFile(join(root, 'dropped-by-hand.csv'), 'x')
  const area = areaOf(root, owner('7 first'))
  expect((await listed(area.list(ROOT))).map(({ name }) => name)).toEqual(['dropped-by-hand.csv'])
  expect(await readFile(join(root, MARK), 'utf8')).toBe('7 first\n')
  expect(await readdir(join(root, HIDDEN_FOLDER))).toEqual(['team'])
  expect([await area.usage(), await area.pending()]).toEqual([{ bytes: 1, files: 1, folders: 0 }, []])
})

test('of two teams that claim one root at the same time one gets it, and the other is refused', async () => {
  const root = await rootFolder()
  const owners = Array.from({ length: 8 }, (_, index) => owner(`${index} of many`))
  const tried = await Promise.allSettled(owners.map((each) => areaOf(root, each).makeFolder(FOLDER)))
  const won = tried.findIndex(({ status }) => status === 'fulfilled')
  expect(await readFile(join(root, MARK), 'utf8')).toBe(`${won} of many\n`)
  expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const each of tried) if (each.status === 'rejected') expect(each.reason).toEqual(REFUSED)
  expect(await readdir(join(root, HIDDEN_FOLDER))).toEqual(['team'])
})

test('a mark that is copied over another is seen at once, and the root works again without it', async () => {
  const root = await rootFolder()
  const [first, second] = [owner('7 first'), owner('9 second')]
  const area = areaOf(root, first)
  await put(area, '/a.csv', 'first')
  const copied = `${await rootFolder()}-b`
  await new TeamRoot(copied, second).claim()
  await rename(join(copied, MARK), join(root, MARK))
  await expect(area.stat(A)).rejects.toEqual(REFUSED)
  expect(first.refusals).toEqual(['9 second'])
  await writeFile(join(root, MARK), '')
  await expect(area.stat(A)).rejects.toEqual(REFUSED)
  await rm(join(root, MARK))
  expect((await area.stat(A)).bytes).toBe(5)
  expect(await readFile(join(root, MARK), 'utf8')).toBe('7 first\n')
})

describe('a disk that takes no mark', () => {
  for (const [what, options] of [
    ['can only be read', 'remount,ro'],
    ['is full', 'remount,nr_inodes=3'],
  ] as const)
    test(`and ${what} is used as long as the team exists, and never once it is marked for another`, async ({
      skip,
    }) => {
      skip(whyNot !== null, whyNot ?? undefined)
      const root = await rootFolder()
      onTestFinished(await mountDisk(root))
      await writeFile(join(root, 'a.csv'), 'first')
      const first = owner('7 first')
      execFileSync('mount', ['-o', options, root])
      expect((await areaOf(root, first).stat(A)).bytes).toBe(5)
      first.removed = true
      await expect(areaOf(root, first).stat(A)).rejects.toEqual(REFUSED)
      first.removed = false
      const area = areaOf(root, first)
      await area.stat(A)
      execFileSync('mount', ['-o', 'remount,rw,nr_inodes=100', root])
      await new TeamRoot(root, owner('9 second')).claim()
      await expect(area.stat(A)).rejects.toEqual(REFUSED)
    })
})
