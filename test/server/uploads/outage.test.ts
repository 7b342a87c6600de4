import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { Leftovers } from '../../../files/leftovers.ts'
import { createLog } from '../../../log.ts'
import { UploadRecovery } from '../../../server/uploads/recover-uploads.ts'
import { openDatabase } from '../../../store/postgres/database.ts'
import { leaveUploads, othersAreAlive } from '../../../store/uploads/unfinished-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { behindDoor } from '../support/database-door.ts'
import { names, serverFolders, startServer, teamLogin, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const database = testDatabase()
const { db, processName } = database
const folders = serverFolders()

/** A server whose database can be taken away. */
async function setUp() {
  const { away, shut, open } = await behindDoor(database)
  const login = await teamLogin(db)
  const server = await startServer({ db: away, team: login.team, teams: folders.teams(), tls: { mode: 'off' } })
  const client = await RawClient.open(server.port)
  await client.login(login)
  return {
    server,
    client,
    login,
    shut,
    open,
    latest: async () => (await latestUploads(db, login.team.id, 1))[0],
    async recover() {
      // PostgreSQL takes a moment to notice that the connections are gone.
      await vi.waitFor(async () => expect(await othersAreAlive(db, processName)).toBe(false), { timeout: 10_000 })
      await leaveUploads(db, processName)
      const recovery = new UploadRecovery({
        db,
        processName,
        fileAreaOf: (team) => diskFileArea(join(folders.teams(), team.team)),
        leftovers: new Leftovers(),
        mayTakeName: async () => true,
        log: createLog('silent'),
      })
      await recovery.open()
      await recovery.stop()
    },
  }
}

test('an upload in progress goes on while the database is away, and enters the ledger afterwards', async () => {
  const { server, client, shut, open, latest, login } = await setUp()
  const data = await client.beginStore('a.csv', 'one')
  shut()
  data.end('\n')
  expect(await client.reply()).toBe('226 Transfer complete.')
  expect(await client.send('SIZE a.csv')).toBe('213 4')
  expect(await textOf(server.area, '/a.csv')).toBe('one\n')
  const refused = await RawClient.open(server.port)
  expect(await refused.login(login)).toBe('421 Service not available; try again later.')
  expect(await latest()).not.toMatchObject({ state: 'ready' })
  open()
  await vi.waitFor(
    async () => {
      server.passTime()
      expect(await latest()).toMatchObject({ state: 'ready', verdict: 'waiting', bytes: 4 })
    },
    { timeout: 10_000, interval: 100 },
  )
  await vi.waitFor(async () => expect(await server.area.notes()).toEqual([]))
  expect(server.ready).toEqual(['/a.csv'])
})

test('an upload that was told 226 while the database was away outlives the process', async () => {
  const { server, client, shut, latest, recover } = await setUp()
  const data = await client.beginStore('a.csv', 'one')
  shut()
  data.end('\n')
  expect(await client.reply()).toBe('226 Transfer complete.')
  expect(await server.area.notes()).toHaveLength(1)
  expect(await names(server.area)).toEqual([])
  await recover()
  expect(await latest()).toMatchObject({ state: 'ready', verdict: 'waiting', bytes: 4 })
  expect(await textOf(server.area, '/a.csv')).toBe('one\n')
  expect(await server.area.notes()).toEqual([])
})

test('beside another process its upload is entered as soon as the process that received it is no more', async () => {
  const { away, shut } = await behindDoor(database)
  const { team, ...login } = await teamLogin(db)
  const living = openDatabase(database.address, createLog('silent'), { processName: 'rosterport/living' })
  await sql`select 1`.execute(living.db)
  const settings = { db: away, team, teams: folders.teams(), tls: { mode: 'off' } } as const
  const told226 = async (name: string, processName: string) => {
    const server = await startServer({ ...settings, processName })
    const client = await RawClient.open(server.port)
    await client.login(login)
    const data = await client.beginStore(name, 'one')
    return async () => {
      data.end('\n')
      expect(await client.reply()).toBe('226 Transfer complete.')
      return server.area
    }
  }
  const ends = [await told226('a.csv', 'rosterport/gone'), await told226('b.csv', living.processName)]
  shut()
  const [area] = await Promise.all(ends.map((end) => end()))
  const states = async () => (await latestUploads(db, team.id, 2)).map(({ path, state }) => `${path} ${state}`).sort()
  const recovery = new UploadRecovery({
    ...{ db, processName, fileAreaOf: ({ team }) => diskFileArea(join(folders.teams(), team)) },
    ...{ leftovers: new Leftovers(), mayTakeName: async () => true, log: createLog('silent') },
  })
  const look = (expected: string[]) =>
    vi.waitFor(
      async () => {
        await recovery.look()
        expect(await states()).toEqual(expected)
      },
      // A process has ten seconds to come back to a PostgreSQL that has just been started.
      { timeout: 20_000, interval: 200 },
    )
  await look(['/a.csv ready'])
  expect(await area?.notes()).toHaveLength(1)
  await living.close()
  await look(['/a.csv ready', '/b.csv ready'])
  expect(await area?.notes()).toEqual([])
})

test('a file that had its name before the process died without the database is entered as it is', async () => {
  const { server, client, shut, latest, recover } = await setUp()
  const data = await client.beginStore('a.csv', 'no line break')
  shut()
  data.end()
  await client.reply()
  await client.send('PWD')
  await recover()
  expect(await latest()).toMatchObject({ state: 'ready', verdict: 'waiting' })
  expect(await names(server.area)).toEqual(['a.csv'])
})

test('an upload whose name cannot be made to last is entered with the next look, when it lasts', async () => {
  const { team, ...login } = await teamLogin(db)
  const server = await startServer({ db, team, teams: folders.teams(), tls: { mode: 'off' } })
  const client = await RawClient.open(server.port)
  await client.login(login)
  const flush = vi.spyOn(server.area, 'flushName').mockRejectedValueOnce(new Error('EIO: i/o error, fsync'))
  const data = await client.beginStore('a.csv', 'one\n')
  data.end()
  expect(await client.reply()).toBe('226 Transfer complete.')
  await client.send('NOOP')
  const latest = async () => (await latestUploads(db, team.id, 1))[0]
  const left = async () =>
    (await db.selectFrom('upload').select('process').where('team_id', '=', team.id).executeTakeFirst())?.process
  await vi.waitFor(async () => expect(await left()).toBeNull())
  expect(await latest()).toMatchObject({ state: 'unconfirmed' })
  const fileAreaOf = () => server.area
  await new UploadRecovery({
    db,
    processName,
    fileAreaOf,
    leftovers: new Leftovers(),
    mayTakeName: async () => true,
    log: createLog('silent'),
  }).look()
  expect(await latest()).toMatchObject({ state: 'ready', verdict: 'waiting', bytes: 4 })
  expect(flush).toHaveBeenCalledTimes(2)
})
