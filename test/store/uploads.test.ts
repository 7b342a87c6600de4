import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { teamPath } from '../../model/team-path.ts'
import {
  fileArrived,
  latestUploads,
  presentUpload,
  presentUploads,
  setVerdict,
  unfinishedUploads,
  uploadIncomplete,
  uploadReady,
  uploadRemoved,
  uploadRenamed,
  uploadStarted,
  uploadUnconfirmed,
} from '../../store/uploads.ts'
import { testDatabase } from '../support/database.ts'

const { db } = testDatabase()
const received = { bytes: 4, sha256: 'ab', identity: { device: 1n, inode: 18446744073709551615n, bytes: 4 } }

async function team(): Promise<number> {
  const values = { team: randomUUID(), name: 'Admissions', time_zone: 'America/New_York' }
  return (await db.insertInto('team').values(values).returning('id').executeTakeFirstOrThrow()).id
}

function start(teamId: number, path: string): Promise<string> {
  return uploadStarted(db, {
    teamId,
    path: teamPath(path),
    source: 'ftp',
    account: 'sis',
    address: '192.0.2.1',
    temporaryName: 'hidden',
  })
}

async function ready(teamId: number, path: string): Promise<string> {
  const id = await start(teamId, path)
  await uploadUnconfirmed(db, id, received)
  await uploadReady(db, { id, teamId, path: teamPath(path) }, async () => undefined)
  return id
}

test('an upload goes from receiving over unconfirmed to ready, and waits for its import', async () => {
  const teamId = await team()
  const id = await start(teamId, '/a.csv')
  expect(await unfinishedUploads(db, teamId)).toMatchObject([{ id, state: 'receiving', temporaryName: 'hidden' }])
  await uploadUnconfirmed(db, id, received)
  expect(await unfinishedUploads(db, teamId)).toMatchObject([{ state: 'unconfirmed', sha256: 'ab', verdict: null }])
  await uploadReady(db, { id, teamId, path: teamPath('/a.csv') }, async () => undefined)
  expect(await unfinishedUploads(db, teamId)).toEqual([])
  expect(await presentUploads(db, teamId)).toMatchObject([
    { id, state: 'ready', verdict: 'waiting', account: 'sis', identity: received.identity, bytes: 4 },
  ])
})

test('a second upload to a path takes the place of the first', async () => {
  const teamId = await team()
  await ready(teamId, '/a.csv')
  const second = await ready(teamId, '/a.csv')
  expect((await presentUploads(db, teamId)).map(({ id }) => id)).toEqual([second])
})

test('uploads to one path that become ready at the same moment leave the last published one', async () => {
  const teamId = await team()
  const path = teamPath('/a.csv')
  const ids = await Promise.all(Array.from({ length: 8 }, () => start(teamId, path)))
  let last = ''
  await Promise.all(
    ids.map((id) =>
      uploadReady(db, { id, teamId, path }, async () => {
        last = id
        return undefined
      }),
    ),
  )
  expect((await presentUploads(db, teamId)).map(({ id }) => id)).toEqual([last])
})

test('an upload whose file could not be published is not ready, and the earlier one stays', async () => {
  const teamId = await team()
  const first = await ready(teamId, '/a.csv')
  const id = await start(teamId, '/a.csv')
  const publish = () => Promise.reject(new Error('disk'))
  await expect(uploadReady(db, { id, teamId, path: teamPath('/a.csv') }, publish)).rejects.toThrow('disk')
  expect((await presentUpload(db, teamId, teamPath('/a.csv')))?.id).toBe(first)
})

test('an incomplete upload is kept in the ledger alone, and a ready one never becomes incomplete', async () => {
  const teamId = await team()
  const broken = await start(teamId, '/a.csv')
  await uploadIncomplete(db, broken)
  const whole = await ready(teamId, '/b.csv')
  await uploadIncomplete(db, whole)
  expect((await latestUploads(db, teamId, 10)).map(({ state }) => state)).toEqual(['ready', 'incomplete'])
})

test('a rename is an arrival under the new name, and replaces what stood there', async () => {
  const teamId = await team()
  const id = await ready(teamId, '/a.tmp')
  await setVerdict(db, id, { verdict: 'rejected', reason: 'no header', settingsVersion: 3 })
  await ready(teamId, '/b.csv')
  expect(await uploadRenamed(db, teamId, teamPath('/a.tmp'), teamPath('/b.csv'))).toEqual(['/b.csv'])
  const [present, ...others] = await presentUploads(db, teamId)
  expect(others).toEqual([])
  expect(present).toMatchObject({
    path: '/b.csv',
    verdict: 'waiting',
    verdictReason: null,
    identity: received.identity,
  })
  expect(present?.id).not.toBe(id)
})

test('renaming a folder moves what is in it, not its neighbours of the same prefix', async () => {
  const teamId = await team()
  for (const path of ['/in/a.csv', '/in/deep/b.csv', '/in2/c.csv']) await ready(teamId, path)
  expect((await uploadRenamed(db, teamId, teamPath('/in'), teamPath('/out'))).sort()).toEqual([
    '/out/a.csv',
    '/out/deep/b.csv',
  ])
  expect((await presentUploads(db, teamId)).map(({ path }) => path).sort()).toEqual([
    '/in2/c.csv',
    '/out/a.csv',
    '/out/deep/b.csv',
  ])
})

test('a removed file is gone, of this team alone', async () => {
  const [mine, theirs] = [await team(), await team()]
  await ready(mine, '/a.csv')
  await ready(theirs, '/a.csv')
  await uploadRemoved(db, mine, teamPath('/a.csv'))
  expect(await presentUploads(db, mine)).toEqual([])
  expect(await presentUploads(db, theirs)).toHaveLength(1)
})

test('a verdict is kept with its reason; what is not ready gets none', async () => {
  const teamId = await team()
  const id = await ready(teamId, '/a.csv')
  await setVerdict(db, id, { verdict: 'rejected', reason: 'no header', settingsVersion: 3 })
  expect(await presentUploads(db, teamId)).toMatchObject([{ verdict: 'rejected', verdictReason: 'no header' }])
  const receiving = await start(teamId, '/b.csv')
  await setVerdict(db, receiving, { verdict: 'imported', reason: null })
  expect(await unfinishedUploads(db, teamId)).toMatchObject([{ verdict: null }])
})

test('a file that came by other means enters the ledger', async () => {
  const teamId = await team()
  const file = { teamId, path: teamPath('/host.csv'), source: 'host' as const, account: null, ...received }
  expect(await fileArrived(db, file)).toMatchObject({ state: 'ready', verdict: 'waiting', source: 'host' })
  expect(await presentUploads(db, teamId)).toHaveLength(1)
})
