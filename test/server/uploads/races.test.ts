import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import type { TeamPath } from '../../../model/team-path.ts'
import { presentUploads } from '../../../store/uploads/find-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { given } from '../support/ftp-client.ts'
import { addAccount, names, overlaid, serverFolders, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

/** A server where one operation of the file area waits, once, until it is let go. */
async function withPause(operation: 'move' | 'remove') {
  const reached = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  let area: FileArea | undefined
  const started = await given(db, folders, {
    fileAreaOf(team) {
      if (area) return area
      const disk = diskFileArea(join(folders.teams(), team.team))
      const work = disk[operation].bind(disk) as (...values: unknown[]) => Promise<void>
      const paused = async (...values: unknown[]) => {
        await work(...values)
        reached.resolve()
        await go.promise
      }
      area = overlaid(disk, { [operation]: paused })
      return area
    },
  })
  return { ...started, reached: reached.promise, go: go.resolve }
}

const stands = async (teamId: number) =>
  (await presentUploads(db, teamId)).map(({ path, bytes }) => `${path} ${bytes}`).sort()

/** An upload to `name` while something else is at work on that name, up to where the ledger has it or waits for its turn. */
async function uploadMeanwhile(client: RawClient, area: FileArea, name: string, content: string) {
  expect(await client.store(name, content)).toMatch(/^226/)
  client.write('NOOP\r\n')
  await vi.waitFor(async () => expect(await textOf(area, `/${name}`)).toBe(content))
  await vi.waitFor(async () => {
    const { rows } = await sql`
      select from upload where path = ${`/${name}`} and bytes = ${content.length} and state = 'ready'
      union all select from pg_locks where locktype = 'advisory' and not granted`.execute(db)
    expect(rows.length).toBeGreaterThan(0)
  })
}

test('an upload that arrives while the file of that name is deleted stays in the ledger', async () => {
  const { client, server, login, reached, go } = await withPause('remove')
  const [deletes, uploads] = [await client(), await client()]
  await deletes.store('a.csv', 'old\n')
  await deletes.send('NOOP')
  const deleted = deletes.send('DELE a.csv')
  await reached
  await uploadMeanwhile(uploads, server.area, 'a.csv', 'newer\n')
  go()
  expect(await deleted).toMatch(/^250/)
  await vi.waitFor(async () => expect(await stands(login.team.id)).toEqual(['/a.csv 6']))
})

for (const name of ['from.csv', 'to.csv'])
  test(`an upload to ${name} that arrives while from.csv is renamed to to.csv stays in the ledger`, async () => {
    const { client, server, login, reached, go } = await withPause('move')
    const [renames, uploads] = [await client(), await client()]
    await renames.store('from.csv', 'old\n')
    await renames.send('RNFR from.csv')
    const renamed = renames.send('RNTO to.csv')
    await reached
    await uploadMeanwhile(uploads, server.area, name, 'newer\n')
    go()
    expect(await renamed).toMatch(/^250/)
    const expected = name === 'from.csv' ? ['/from.csv 6', '/to.csv 4'] : ['/to.csv 6']
    await vi.waitFor(async () => expect(await stands(login.team.id)).toEqual(expected))
    expect(await names(server.area)).toEqual(expected.map((line) => line.slice(1).split(' ')[0]))
  })

test('two who exchange the names of two files do not wait for each other for ever', async () => {
  const { client, server, login } = await given(db, folders)
  const [a, b] = [await client(), await client()]
  await a.store('a.csv', 'a\n')
  await a.store('b.csv', 'bb\n')
  await a.send('NOOP')
  for (let round = 0; round < 10; round++) {
    await Promise.all([a.send('RNFR a.csv'), b.send('RNFR b.csv')])
    const told = await Promise.all([a.send('RNTO b.csv'), b.send('RNTO a.csv')])
    expect(told.filter((reply) => reply.startsWith('250')).length).toBeGreaterThan(0)
    const left = await names(server.area)
    expect((await stands(login.team.id)).map((line) => line.slice(1).split(' ')[0])).toEqual(left)
    await a.store('a.csv', 'a\n')
    await a.store('b.csv', 'bb\n')
    await a.send('SIZE a.csv')
  }
})

/** Two accounts that may only upload, and a server. */
async function twoAccounts() {
  const started = await given(db, folders, { permissions: 'upload' })
  const second = await RawClient.open(started.server.port)
  await second.login(await addAccount(db, started.login.team.id, `${started.login.username}2`, 'upload'))
  return { ...started, first: await started.client(), second }
}

test('of two accounts that upload to one free name, the second does not replace the file of the first', async () => {
  const { server, first, second, login } = await twoAccounts()
  const data = await second.beginStore('a.csv', 'forged\n')
  await first.store('a.csv', 'first\n')
  await first.send('NOOP')
  data.end()
  expect(await second.reply()).toBe('553 File already exists.')
  await second.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('first\n')
  await vi.waitFor(async () =>
    expect((await latestUploads(db, login.team.id, 5)).map(({ state }) => state).sort()).toEqual([
      'incomplete',
      'ready',
    ]),
  )
})

test('nor where the first takes the name between the 226 of the second and its confirmation', async () => {
  const { server, first, second } = await twoAccounts()
  expect(await second.store('a.csv', 'forged\n')).toMatch(/^226/)
  expect(await first.store('a.csv', 'first\n')).toMatch(/^226/)
  await first.send('NOOP')
  await second.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('first\n')
})

test('an account that may only upload does not reach a file that came to stand under the name of its own', async () => {
  const { server, first } = await twoAccounts()
  await first.store('a.csv', 'own\n')
  await first.send('NOOP')
  const other = await server.area.receive()
  await other.write(Buffer.from('copied on the host\n'))
  await other.seal()
  await other.publish('/a.csv' as TeamPath)
  await first.dataPort()
  for (const command of ['RETR a.csv', 'XSHA256 a.csv', 'DELE a.csv', 'RNFR a.csv', 'MFMT 20260102030405 a.csv'])
    expect(await first.send(command), command).toMatch(/^550 Permission denied: this account may/)
  for (const command of ['STOR a.csv', 'APPE a.csv'])
    expect(await first.send(command), command).toMatch(/^553 Permission denied: this account may/)
})

test('many uploads at once stay within the quota of their team together', async () => {
  const started = await given(db, folders)
  const { server, login } = started
  await db
    .updateTable('team')
    .set({ quota_bytes: 5 << 20, quota_files: 8 })
    .where('id', '=', login.team.id)
    .execute()
  const content = 'x'.repeat(1 << 20)
  const told = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const client = await started.client()
      const data = await client.data()
      const began = await client.send(`STOR ${index}.csv`)
      if (!began.startsWith('150')) return began
      data.end(content)
      const ended = await client.reply()
      await client.send('NOOP')
      return ended
    }),
  )
  const count = (code: string) => told.filter((reply) => reply.startsWith(code)).length
  expect(count('226')).toBeLessThanOrEqual(5)
  expect(count('226') + count('552')).toBe(16)
  await vi.waitFor(async () => expect(await server.area.pending()).toEqual([]))
  const { bytes, files } = await server.area.usage()
  expect(bytes).toBe(count('226') << 20)
  expect(files).toBe(count('226'))
})

test('a client that leaves its login behind an upload leaves the service unharmed, and the upload its own', async () => {
  const { client: connect, server, login } = await given(db, folders)
  const client = await connect()
  const data = await client.data()
  client.write('STOR a.csv\r\nREIN\r\n')
  expect(await client.reply()).toMatch(/^150/)
  data.end('one\n')
  expect(await client.reply()).toMatch(/^226/)
  expect(await client.reply()).toMatch(/^220/)
  expect(await names(server.area)).toEqual(['a.csv'])
  await vi.waitFor(async () => {
    const rows = await db.selectFrom('audit').select('actor').where('action', '=', 'ftp.upload').execute()
    expect(rows.map(({ actor }) => actor)).toContain(login.username)
  })
})
