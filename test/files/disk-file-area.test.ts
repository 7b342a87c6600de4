import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { DiskPace } from '../../files/disk-pace.ts'
import { problemOf } from '../../files/disk-problems.ts'
import type { FileProblemKind } from '../../files/file-area.ts'
import { ReadBudget } from '../../files/open-file.ts'
import { ROOT, teamPath } from '../../model/team-path.ts'
import { fileAreaSuite } from './file-area-suite.ts'

async function rootFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-area-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'root')
}

fileAreaSuite('a file area on the disk', async () => diskFileArea(await rootFolder()))

/** By its clock every call has kept the process waiting for a second. */
function slowPace(): DiskPace {
  let time = 0
  return new DiskPace(() => {
    time += 1000
    return time
  })
}
fileAreaSuite('a file area on a slow disk', async () =>
  diskFileArea(await rootFolder(), undefined, undefined, undefined, slowPace()),
)

test('a link is not listed, and no operation goes through it', async () => {
  const root = await rootFolder()
  const outside = join(root, '..', 'outside')
  await mkdir(root)
  await mkdir(outside)
  await writeFile(join(outside, 'secret'), 'secret')
  await symlink(outside, join(root, 'link'))
  await symlink(join(outside, 'secret'), join(root, 'file'))
  const area = diskFileArea(root)
  for await (const entry of area.list(ROOT)) expect.fail(`${entry.name} was listed`)
  const pending = await area.receive()
  await pending.seal()
  const tries = [
    () => area.stat(teamPath('/file')),
    () => area.open(teamPath('/file')),
    () => area.open(teamPath('/link/secret')),
    () => area.remove(teamPath('/link/secret')),
    () => area.remove(teamPath('/file')),
    () => area.makeFolder(teamPath('/link/new')),
    () => area.removeFolder(teamPath('/link')),
    () => area.move(teamPath('/link/secret'), teamPath('/stolen'), { replace: true }),
    () => pending.publish(teamPath('/link/planted')),
    () => pending.publish(teamPath('/file')),
  ]
  for (const attempt of tries) await expect(attempt(), String(attempt)).rejects.toMatchObject({ name: 'FileProblem' })
  expect(await readdir(outside)).toEqual(['secret'])
})

test('a pipe is refused at once, though nobody writes to it', async () => {
  const root = await rootFolder()
  await mkdir(root)
  execFileSync('mkfifo', [join(root, 'pipe')])
  const area = diskFileArea(root)
  await expect(area.open(teamPath('/pipe'))).rejects.toMatchObject({ kind: 'not-a-file' })
  for await (const entry of area.list(ROOT)) expect.fail(`${entry.name} was listed`)
})

test('the more files are open, the less of each is read at once', async () => {
  const area = diskFileArea(await rootFolder(), undefined, new ReadBudget(1 << 20))
  const pending = await area.receive()
  await pending.write(Buffer.alloc(1 << 20))
  await pending.seal()
  await pending.publish(teamPath('/a.csv'))
  const files = [await area.open(teamPath('/a.csv'))]
  const firstChunk = async () => {
    for await (const { length } of files[0]?.read() ?? []) return length
    return 0
  }
  expect(await firstChunk()).toBe(512 << 10)
  while (files.length < 8) files.push(await area.open(teamPath('/a.csv')))
  expect(await firstChunk()).toBe(128 << 10)
  for (const file of files.splice(1)) await file.close()
  expect(await firstChunk()).toBe(512 << 10)
  await files[0]?.close()
})

const codes: { code: string; kind: FileProblemKind }[] = [
  { code: 'ENOSPC', kind: 'no-space' },
  { code: 'EDQUOT', kind: 'no-space' },
  { code: 'EMFILE', kind: 'too-many-open' },
  { code: 'EACCES', kind: 'not-allowed' },
]
for (const { code, kind } of codes)
  test(`${code} of the machine is ${kind}`, () => {
    expect(problemOf(Object.assign(new Error(code), { code }), '/a')).toMatchObject({ kind })
  })

test('an error of another kind is not hidden behind a refusal', () => {
  const error = Object.assign(new Error('EIO'), { code: 'EIO' })
  expect(problemOf(error, '/a')).toBe(error)
})
