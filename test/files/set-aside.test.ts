import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setAside } from '../../files/set-aside.ts'

let data: string
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'rosterport-aside-'))
})
afterAll(() => rm(data, { recursive: true, force: true }))

test('a folder is moved with what is in it, again and again, and one that is not there is no fault', async () => {
  const now = new Date('2026-11-22T15:00:00Z')
  const [folder, shelf] = [join(data, 'admissions'), join(data, '.removed')]
  for (const content of ['first', 'second']) {
    await mkdir(folder)
    await writeFile(join(folder, 'a.csv'), content)
    await setAside(folder, now)
  }
  await setAside(folder, now)
  expect(await readdir(data)).toEqual(['.removed'])
  const kept = await readdir(shelf)
  for (const name of kept) expect(name).toMatch(/^admissions_2026-11-22T15-00-00-000Z_[0-9a-f]{6}$/)
  const contents = await Promise.all(kept.map((name) => readFile(join(shelf, name, 'a.csv'), 'utf8')))
  expect(contents.sort()).toEqual(['first', 'second'])
})
