import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { teamPath } from '../../../model/team-path.ts'
import { renameUpload, uploadRemoved } from '../../../store/uploads/arrived-files.ts'
import { brokenUploads, presentUpload, presentUploads, uploadById } from '../../../store/uploads/find-uploads.ts'
import { forgetKept, interruptedUpload, keptUploads } from '../../../store/uploads/interrupted-uploads.ts'
import { uploadReady } from '../../../store/uploads/publish-uploads.ts'
import {
  type StartedUpload,
  uploadIncomplete,
  uploadStarted,
  uploadUnconfirmed,
} from '../../../store/uploads/received-bytes.ts'
import { abandonedUploads, unfinishedUploads } from '../../../store/uploads/unfinished-uploads.ts'
import { setVerdict } from '../../../store/uploads/verdict.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { enterFound } from '../../support/uploads.ts'

const { db } = testDatabase()
const received = {
  receivedAt: new Date(),
  bytes: 4,
  sha256: 'ab',
  identity: { device: 1n, inode: 18446744073709551615n, bytes: 4 },
}

async function team(): Promise<number> {
  const values = { team: randomUUID(), name: 'Admissions', time_zone: 'America/New_York' }
  return (await db.insertInto('team').values(values).returning('id').executeTakeFirstOrThrow()).id
}

const entry = (teamId: number, path: string): StartedUpload => ({
  id: randomUUID(),
  teamId,
  path: teamPath(path),
  source: 'ftp',
  account: 'sis',
  address: '192.0.2.1',
  temporaryName: 'hidden',
})

async function start(teamId: number, path: string): Promise<StartedUpload> {
  const upload = entry(teamId, path)
  await uploadStarted(db, upload)
  return upload
}

async function ready(teamId: number, path: string): Promise<string> {
  const upload = entry(teamId, path)
  await uploadUnconfirmed(db, upload, received)
  await uploadReady(db, { ...upload, identity: received.identity }, async () => undefined)
  return upload.id
}

test('an upload goes from receiving over unconfirmed to ready, and waits for its import', async () => {
  const teamId = await team()
  const upload = await start(teamId, '/a.csv')
  const { id } = upload
  expect(await unfinishedUploads(db, teamId)).toMatchObject([{ id, state: 'receiving', temporaryName: 'hidden' }])
  await uploadUnconfirmed(db, upload, received)
  expect(await unfinishedUploads(db, teamId)).toMatchObject([{ state: 'unconfirmed', sha256: 'ab', verdict: null }])
  await uploadReady(db, { ...upload, identity: received.identity }, async () => undefined)
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
  const uploads = await Promise.all(Array.from({ length: 8 }, () => start(teamId, path)))
  let last = ''
  await Promise.all(
    uploads.map((upload) =>
      uploadReady(db, { ...upload, identity: null }, async () => {
        last = upload.id
        return undefined
      }),
    ),
  )
  expect((await presentUploads(db, teamId)).map(({ id }) => id)).toEqual([last])
})

test('an upload whose file could not be published is not ready, and the earlier one stays', async () => {
  const teamId = await team()
  const first = await ready(teamId, '/a.csv')
  const upload = await start(teamId, '/a.csv')
  const publish = () => Promise.reject(new Error('disk'))
  await expect(uploadReady(db, { ...upload, identity: null }, publish)).rejects.toThrow('disk')
  expect((await presentUpload(db, teamId, teamPath('/a.csv')))?.id).toBe(first)
})

test('an incomplete upload is kept in the ledger alone, and a ready one never becomes incomplete', async () => {
  const teamId = await team()
  await uploadIncomplete(db, (await start(teamId, '/a.csv')).id, null)
  await uploadIncomplete(db, await ready(teamId, '/b.csv'), null)
  expect((await latestUploads(db, teamId, 10)).map(({ state }) => state)).toEqual(['ready', 'incomplete'])
})

test('every interrupted upload is listed, however many there are', async () => {
  const teamId = await team()
  for (let at = 0; at < 205; at++) await uploadIncomplete(db, (await start(teamId, `/${at}.csv`)).id, null)
  expect(await brokenUploads(db, teamId)).toHaveLength(205)
})

test('a rename keeps the time at which the bytes came, and replaces what stood there', async () => {
  const teamId = await team()
  const id = await ready(teamId, '/a.tmp')
  const came = (await uploadById(db, id))?.receivedAt
  await setVerdict(db, id, { verdict: 'rejected', reason: 'no header', settingsVersion: 3 })
  await ready(teamId, '/b.csv')
  expect(
    await renameUpload(db, teamId, { from: teamPath('/a.tmp'), to: teamPath('/b.csv') }, async () => null),
  ).toEqual(['/b.csv'])
  const [present, ...others] = await presentUploads(db, teamId)
  expect(others).toEqual([])
  expect(present).toMatchObject({
    path: '/b.csv',
    verdict: 'waiting',
    verdictReason: null,
    identity: received.identity,
    receivedAt: came,
  })
  expect(present?.id).not.toBe(id)
})

test('renaming a folder moves what is in it, not its neighbours of the same prefix', async () => {
  const teamId = await team()
  for (const path of ['/in/a.csv', '/in/deep/b.csv', '/in2/c.csv']) await ready(teamId, path)
  expect(
    (await renameUpload(db, teamId, { from: teamPath('/in'), to: teamPath('/out') }, async () => null)).sort(),
  ).toEqual(['/out/a.csv', '/out/deep/b.csv'])
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
  await setVerdict(db, receiving.id, { verdict: 'imported', reason: null })
  expect(await unfinishedUploads(db, teamId)).toMatchObject([{ verdict: null }])
})

test('a file that came by other means enters the ledger', async () => {
  const teamId = await team()
  const file = { path: teamPath('/host.csv'), ...received }
  expect(await enterFound(db, teamId, file)).toMatchObject({ state: 'ready', verdict: 'waiting', source: 'host' })
  expect(await presentUploads(db, teamId)).toHaveLength(1)
})

test('an upload that was replaced before the ledger heard of it does not stand in it', async () => {
  const teamId = await team()
  const later = await ready(teamId, '/a.csv')
  const earlier = await start(teamId, '/a.csv')
  await uploadReady(db, { ...earlier, identity: received.identity }, async () => 'replaced')
  expect((await presentUploads(db, teamId)).map(({ id }) => id)).toEqual([later])
})

test('a file that was found on the host before the ledger heard of its upload is not entered twice', async () => {
  const teamId = await team()
  const path = teamPath('/a.csv')
  const found = await enterFound(db, teamId, { path, ...received })
  await ready(teamId, '/a.csv')
  expect((await presentUploads(db, teamId)).map(({ id }) => id)).toEqual([found.id])
})

const of = (teamId: number, path: string) => ({ teamId, account: 'sis', path: teamPath(path) })

test('an interrupted upload can be continued by its account until a later one to that path is whole', async () => {
  const teamId = await team()
  await ready(teamId, '/a.csv')
  const { id } = await start(teamId, '/a.csv')
  await uploadIncomplete(db, id, 3)
  expect(await interruptedUpload(db, of(teamId, '/a.csv'))).toEqual({ id, temporaryName: 'hidden', bytes: 3 })
  expect(await interruptedUpload(db, { ...of(teamId, '/a.csv'), account: 'other' })).toBeNull()
  expect(await keptUploads(db, teamId)).toEqual(['hidden'])
  const whole = await start(teamId, '/a.csv')
  expect(await uploadReady(db, { ...whole, identity: null }, async () => undefined)).toEqual(['hidden'])
  expect(await interruptedUpload(db, of(teamId, '/a.csv'))).toBeNull()
})

test('an interrupted upload is given up after 24 hours', async () => {
  const teamId = await team()
  for (const [path, age] of [
    ['/old.csv', '25 hours'],
    ['/new.csv', '23 hours'],
  ] as const) {
    const { id } = await start(teamId, path)
    await uploadIncomplete(db, id, 3)
    await sql`update upload set started_at = now() - ${age}::interval where id = ${id}`.execute(db)
  }
  expect(await interruptedUpload(db, of(teamId, '/old.csv'))).toBeNull()
  expect(await forgetKept(db, teamId, 'expired')).toEqual(['hidden'])
  expect(await interruptedUpload(db, of(teamId, '/new.csv'))).not.toBeNull()
})

test('of what a dead process received only the unfinished is abandoned', async () => {
  const id = await team()
  const done = await ready(id, '/done.csv')
  const arriving = await start(id, '/arriving.csv')
  await db.updateTable('upload').set({ process: 'rosterport/dead' }).where('team_id', '=', id).execute()
  // PostgreSQL itself has to be up for some seconds.
  const abandoned = await vi.waitFor(async () => {
    const all = await abandonedUploads(db)
    expect(all.map((upload) => upload.id)).toContain(arriving.id)
    return all
  }, 15_000)
  expect(abandoned.map((upload) => upload.id)).not.toContain(done)
})
