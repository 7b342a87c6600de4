import { beforeEach, expect, test } from 'vitest'
import { teamPath } from '../../../model/team-path.ts'
import { claimResult, noteNotWritten, resultTrouble, wantEmptyWindowResult } from '../../../store/written/due-files.ts'
import { leaveAsWritten, noteContent, noteWritten } from '../../../store/written/standing-files.ts'
import { insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { SETTINGS } from '../../support/service.ts'

const database = testDatabase()
const { db } = database
const settings = { ...SETTINGS, version: 1, results: { path: teamPath('/results'), rejectedRecords: true } }
const SLOT = { name: 'overnight', date: '2026-11-22' } as const
const CONTENT = { bytes: 3, sha256: 'ab' }
const STANDING = { identity: { device: 1n, inode: 2n, bytes: 3 }, changedAt: new Date(0) }
let teamId: number

beforeEach(async () => {
  await db.deleteFrom('written_file').execute()
  teamId = await insertTeam(database)
})

const want = () => wantEmptyWindowResult(db, teamId, settings, SLOT)

async function claimed() {
  const row = await claimResult(db)
  if (!row) throw new Error('nothing is due')
  return row
}

test('a result with more to tell while it is written is written again by nobody else before that, and then at once', async () => {
  await want()
  const row = await claimed()
  await want()
  expect(await claimResult(db)).toBeNull()
  await noteContent(db, row.id, CONTENT, null)
  await noteWritten(db, row, CONTENT, STANDING)
  const again = await claimed()
  expect(again.revision).toBe(row.revision + 1)
  await noteWritten(db, again, CONTENT, STANDING)
  expect(await claimResult(db)).toBeNull()
})

test('one that could not be written waits, unless there is more to tell', async () => {
  await want()
  await noteNotWritten(db, await claimed(), 'There is no space left.')
  expect(await claimResult(db)).toBeNull()
  expect(await resultTrouble(db, teamId)).toMatchObject({ reason: 'There is no space left.' })
  await want()
  const row = await claimed()
  await want()
  await noteNotWritten(db, row, 'There is no space left.')
  await claimed()
})

test('one that nobody wants any more is forgotten, with what it had to tell', async () => {
  await want()
  await leaveAsWritten(db, await claimed())
  expect(await db.selectFrom('written_file').select('id').execute()).toEqual([])
})

test('a file of which the ledger has no entry gets no name', async () => {
  await want()
  const row = await claimed()
  await db.deleteFrom('team').where('id', '=', teamId).execute()
  await expect(noteContent(db, row.id, CONTENT, null)).rejects.toThrow()
})
