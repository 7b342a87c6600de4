import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test, vi } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { type FileArea, FileProblem } from '../../../files/file-area.ts'
import { teamPath } from '../../../model/team-path.ts'
import { ReadyUploads } from '../../../server/uploads/ready-uploads.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { isDatabaseAway } from '../../../store/postgres/database-errors.ts'
import { presentUploads } from '../../../store/uploads/find-uploads.ts'
import { lockPath } from '../../../store/uploads/path-locks.ts'
import type { PublishedUpload } from '../../../store/uploads/publish-uploads.ts'
import { uploadIncomplete, uploadStarted, uploadUnconfirmed } from '../../../store/uploads/received-bytes.ts'
import { testDatabase } from '../../support/database.ts'
import { behindDoor } from '../support/database-door.ts'
import { given } from '../support/ftp-client.ts'
import { overlaid, serverFolders, teamLogin } from '../support/ftp-server.ts'

const database = testDatabase()
const { db } = database
const folders = serverFolders()

/** A team's root, and how to publish a file in it as an endpoint does. */
async function setUp(ledger: Database = db) {
  const { team } = await teamLogin(db)
  const area = diskFileArea(join(folders.teams(), team.team))
  await area.makeFolder(teamPath('/in'))
  const published = async (name: string, content: string): Promise<PublishedUpload> => {
    const path = teamPath(name)
    const pending = await area.receive()
    await pending.write(Buffer.from(content))
    const identity = await pending.seal()
    const { temporaryName } = pending
    const upload = { id: randomUUID(), teamId: team.id, path, account: 'sis' }
    const entry = { ...upload, source: 'ftp' as const, address: null, temporaryName }
    await uploadUnconfirmed(db, entry, { bytes: identity.bytes, sha256: 'ab', identity, receivedAt: new Date() })
    await pending.publish(path)
    return { ...upload, identity }
  }
  return {
    area,
    team,
    published,
    ready: new ReadyUploads(ledger),
    present: async () => (await presentUploads(db, team.id)).map(({ path, bytes }) => `${path} ${bytes}`).sort(),
    /** How many transactions have last written to the team's uploads. */
    async transactions(): Promise<number> {
      const { rows } = await sql`select distinct xmin::text from upload where team_id = ${team.id}`.execute(db)
      return rows.length
    },
  }
}

const enterAll = (ready: ReadyUploads, area: FileArea, uploads: PublishedUpload[]) =>
  Promise.allSettled(uploads.map((upload) => ready.enter(area, upload)))

test('what is published within a moment is made ready in one transaction, and each folder is flushed once', async () => {
  const { area, published, ready, present, transactions } = await setUp()
  const flushed: string[] = []
  const counted = overlaid(area, {
    flushName(path) {
      flushed.push(path)
      return area.flushName(path)
    },
  })
  const uploads: PublishedUpload[] = []
  for (const name of ['/in/a.csv', '/in/b.csv', '/c.csv', '/d.csv']) uploads.push(await published(name, name))
  await enterAll(ready, counted, uploads)
  expect(await present()).toEqual(['/c.csv 6', '/d.csv 6', '/in/a.csv 9', '/in/b.csv 9'])
  expect(await transactions()).toBe(1)
  expect(flushed).toHaveLength(2)
})

test('whoever waits is not held back for the sake of what may follow', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { area, published, ready, present } = await setUp()
  const entered = ready.enter(area, await published('/a.csv', 'one\n'))
  ready.hurry(entered)
  await entered
  expect(await present()).toEqual(['/a.csv 4'])
})

test('of several uploads to one path at once the ledger holds the one on the disk', async () => {
  const { area, published, ready, present, team } = await setUp()
  const uploads = [
    await published('/a.csv', '1'),
    await published('/b.csv', '12'),
    await published('/a.csv', '123'),
    await published('/a.csv', '1234'),
  ]
  // They are told of in another order than that in which they came to stand there.
  await enterAll(ready, area, uploads.reverse())
  expect(await present()).toEqual(['/a.csv 4', '/b.csv 2'])
  const states = await db.selectFrom('upload').select(['state']).where('team_id', '=', team.id).execute()
  expect(states.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready'])
})

test('one whose file has been replaced or removed meanwhile is gone, and the others stand', async () => {
  const { area, published, ready, present } = await setUp()
  const uploads = [await published('/a.csv', '1'), await published('/b.csv', '1'), await published('/c.csv', '1')]
  await area.remove(teamPath('/a.csv'))
  await published('/b.csv', 'not yet told of')
  await enterAll(ready, area, uploads)
  expect(await present()).toEqual(['/c.csv 1'])
})

test('a file that was found on the host meanwhile keeps its entry, and an earlier one does not', async () => {
  const { area, published, ready, present, team } = await setUp()
  await enterAll(ready, area, [await published('/a.csv', 'earlier'), await published('/b.csv', 'earlier')])
  const [a, b] = [await published('/a.csv', '1'), await published('/b.csv', '12')]
  await sql`update upload set gone_at = now() where team_id = ${team.id} and path = '/a.csv'`.execute(db)
  await sql`insert into upload (team_id, path, source, state, verdict, bytes, device, inode)
    select team_id, path, 'host', 'ready', 'waiting', bytes, device, inode from upload where id = ${a.id}`.execute(db)
  await enterAll(ready, area, [a, b])
  expect(await present()).toEqual(['/a.csv 1', '/b.csv 2'])
  expect((await presentUploads(db, team.id)).map(({ source }) => source).sort()).toEqual(['ftp', 'host'])
})

test('interrupted uploads to their paths are given up, each by the upload of its own account', async () => {
  const { area, published, ready, team } = await setUp()
  for (const [name, account] of [
    ['a', 'sis'],
    ['b', 'sis'],
    ['c', 'other'],
  ] as const) {
    const id = randomUUID()
    const entry = { id, teamId: team.id, path: teamPath(`/${name}.csv`), source: 'ftp' as const, account }
    await uploadStarted(db, { ...entry, address: null, temporaryName: `hidden ${name}` })
    await uploadIncomplete(db, id, 3)
  }
  const uploads = [await published('/a.csv', '1'), await published('/b.csv', '1'), await published('/c.csv', '1')]
  const answers = await Promise.all(uploads.map((upload) => ready.enter(area, upload)))
  expect(answers).toEqual([['hidden a'], ['hidden b'], []])
})

test('one whose path somebody else has locked waits for it alone', async () => {
  const { area, published, ready, present, team } = await setUp()
  const [locked, ...others] = [await published('/a.csv', '1'), await published('/b.csv', '1')] as const
  let late: Promise<string[]> | undefined
  await db.transaction().execute(async (tx) => {
    await lockPath(tx, team.id, locked.path)
    late = ready.enter(area, locked)
    await Promise.all(others.map((upload) => ready.enter(area, upload)))
    expect(await present()).toEqual(['/b.csv 1'])
  })
  await late
  expect(await present()).toEqual(['/a.csv 1', '/b.csv 1'])
})

test('one whose earlier file somebody else is writing about does not keep the others for long', async () => {
  const { area, published, ready, present } = await setUp()
  await enterAll(ready, area, [await published('/a.csv', 'earlier')])
  const [held, ...others] = [await published('/a.csv', '1'), await published('/b.csv', '1')] as const
  let late: Promise<string[]> | undefined
  await db.transaction().execute(async (tx) => {
    await sql`select from upload where path = '/a.csv' for update`.execute(tx)
    late = ready.enter(area, held)
    await Promise.all(others.map((upload) => ready.enter(area, upload)))
    expect(await present()).toEqual(['/a.csv 7', '/b.csv 1'])
  })
  await late
  expect(await present()).toEqual(['/a.csv 1', '/b.csv 1'])
})

test('one that the database refuses keeps none of the others from being ready', async () => {
  const { area, published, ready, present } = await setUp()
  const refused = { ...(await published('/a.csv', '1')), id: 'no id' }
  const told = await enterAll(ready, area, [await published('/b.csv', '1'), refused, await published('/c.csv', '1')])
  expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await present()).toEqual(['/b.csv 1', '/c.csv 1'])
})

test('one whose folder cannot be flushed is not ready, and the others are', async () => {
  const { area, published, ready, present } = await setUp()
  const uploads = [await published('/in/a.csv', '1'), await published('/b.csv', '1')]
  const failing = overlaid(area, {
    async flushName(path) {
      if (path.startsWith('/in')) throw new FileProblem('not-found', path)
    },
  })
  const told = await enterAll(ready, failing, uploads)
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(await present()).toEqual(['/b.csv 1'])
})

test('while the database is away all are told so, and can be entered once it is back', async () => {
  const { away, shut, open } = await behindDoor(database)
  const { area, published, ready, present } = await setUp(away)
  const uploads = [await published('/a.csv', '1'), await published('/b.csv', '1')]
  shut()
  const told = await enterAll(ready, area, uploads)
  expect(told.map((each) => each.status === 'rejected' && isDatabaseAway(each.reason))).toEqual([true, true])
  expect(await present()).toEqual([])
  open()
  await enterAll(ready, area, uploads)
  expect(await present()).toEqual(['/a.csv 1', '/b.csv 1'])
})

test('whoever has said goodbye behind many uploads finds all of them ready', async () => {
  const { client: connect, login, server } = await given(db, folders)
  const client = await connect()
  const names = Array.from({ length: 20 }, (_, at) => `/${at}.csv`)
  for (const name of names) expect(await client.store(name, 'one\n')).toMatch(/^226/)
  expect(await client.send('QUIT')).toMatch(/^221/)
  expect((await presentUploads(db, login.team.id)).map(({ path }) => path).sort()).toEqual([...names].sort())
  expect([...server.ready].sort()).toEqual([...names].sort())
})
