import { mkdtemp, readdir, readFile, rm, writeFile as writeToDisk } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { NameTaken, writeFile } from '../../../ingest/results/write-file.ts'
import { HIDDEN_FOLDER, teamPath } from '../../../model/team-path.ts'
import { teamById } from '../../../store/teams.ts'
import { removeUpload } from '../../../store/uploads/arrived-files.ts'
import { claimResult, wantEmptyWindowResult } from '../../../store/written/due-files.ts'
import { insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { SETTINGS } from '../../support/service.ts'

const database = testDatabase()
const { db } = database
const storage = { admit: async () => ({ take: async () => {} }) }
const settings = { ...SETTINGS, version: 1, results: { path: teamPath('/results'), rejectedRecords: true } }

/** A result that is due, and the folder that it is due in. */
async function dueResult() {
  const root = await mkdtemp(join(tmpdir(), 'rosterport-written-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const team = await teamById(db, await insertTeam(database))
  if (!team) throw new Error('no team')
  const files = diskFileArea(root)
  const due = async () => {
    await wantEmptyWindowResult(db, team.id, settings, { name: 'overnight', date: '2026-11-22' })
    const row = await claimResult(db)
    if (!row) throw new Error('nothing is due')
    return row
  }
  const row = await due()
  const write = (content: AsyncIterable<Buffer>, of = row) => writeFile({ db, storage }, { team, files }, of, content)
  const left = async () =>
    (await readdir(join(root, HIDDEN_FOLDER), { withFileTypes: true })).filter((one) => one.isFile())
  return { team, files, row, due, write, left, disk: join(root, row.path) }
}

async function* text(said: string, meanwhile: () => Promise<unknown> = async () => {}) {
  yield Buffer.from(said)
  await meanwhile()
}

test('a file that somebody puts under the name while ours is written keeps it', async () => {
  const { disk, write, left } = await dueResult()
  await expect(write(text('ours', () => writeToDisk(disk, 'theirs')))).rejects.toThrow(NameTaken)
  expect(await readFile(disk, 'utf8')).toBe('theirs')
  expect(await left()).toEqual([])
})

test('one who takes the former file away does not take the new one, which comes meanwhile', async () => {
  const { team, files, row, due, disk, write } = await dueResult()
  await write(text('former'))
  const again = await due()
  let seen = ''
  let writing: Promise<void> | undefined
  await removeUpload(db, team.id, teamPath(row.path), async () => {
    writing = write(text('new'), again)
    // It is whole beside before it waits for its name.
    const entry = db.selectFrom('written_file').select('former_sha256').where('id', '=', row.id)
    await expect.poll(async () => (await entry.executeTakeFirst())?.former_sha256).not.toBeNull()
    seen = await readFile(disk, 'utf8')
    await files.remove(teamPath(row.path))
  })
  await writing
  expect([seen, await readFile(disk, 'utf8')]).toEqual(['former', 'new'])
})

test('content that breaks off leaves nothing', async () => {
  const { disk, write, left } = await dueResult()
  const broken = text('half of it', () => Promise.reject(new Error('the database is away')))
  await expect(write(broken)).rejects.toThrow('away')
  await expect(readFile(disk)).rejects.toThrow('ENOENT')
  expect(await left()).toEqual([])
})
