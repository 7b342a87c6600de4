import { mkdir, mkdtemp, readdir, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { Leftovers } from '../../files/leftovers.ts'
import { HIDDEN_FOLDER } from '../../model/team-path.ts'

/** A hidden file, in whose place the disk has a folder: that is nothing that could be unlinked. */
async function setUp() {
  const root = await mkdtemp(join(tmpdir(), 'rosterport-leftovers-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const refusals: unknown[] = []
  const leftovers = new Leftovers((error) => refusals.push(error))
  const area = () => diskFileArea(root, undefined, undefined, leftovers)
  const pending = await area().receive()
  const hidden = join(root, HIDDEN_FOLDER)
  return {
    ...{ area, leftovers, pending, refusals },
    left: () => readdir(hidden),
    refuse: async (name: string) => {
      const disk = join(hidden, name)
      await unlink(disk)
      await mkdir(disk)
      return async () => {
        await rmdir(disk)
        await writeFile(disk, '')
      }
    },
  }
}

test('a hidden file that the disk refuses to remove is removed at a later look', async () => {
  const { leftovers, pending, refusals, refuse, left } = await setUp()
  const allow = await refuse(pending.temporaryName)
  await pending.discard()
  await leftovers.look()
  expect(await left()).toEqual([pending.temporaryName])
  expect(refusals).toHaveLength(1)
  await allow()
  await leftovers.look()
  expect(await left()).toEqual([])
})

test('a note is removed later, but not where another has come under its name', async () => {
  const { area, leftovers, pending, refuse, left } = await setUp()
  const { temporaryName } = pending
  await area().keepNote(temporaryName, 'first')
  const allow = await refuse(`${temporaryName}.note`)
  await area().dropNote(temporaryName)
  await allow()
  await area().keepNote(temporaryName, 'second')
  await leftovers.look()
  expect(await area().notes()).toEqual([{ temporaryName, text: 'second' }])
  await area().dropNote(temporaryName)
  expect(await left()).toEqual([temporaryName])
})
