import type { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import type { TeamPath } from '../../model/team-path.ts'
import { unfinishedUploads } from '../../store/uploads/unfinished.ts'
import { testDatabase } from '../support/database.ts'
import { given } from './ftp-client.ts'
import { names, serverFolders, textOf } from './ftp-server.ts'
import { RawClient } from './raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const POINTS = 100
const TOGETHER = 25
const WHOLE = 'new content\n'.repeat(20_000)

const ways: { title: string; die: (client: RawClient, data: Socket) => unknown }[] = [
  { title: 'ends both connections', die: (client, data) => [data.end(), client.socket.end()] },
  {
    title: 'resets both connections',
    die: (client, data) => [data.resetAndDestroy(), client.socket.resetAndDestroy()],
  },
  { title: 'resets the data connection', die: (_, data) => data.resetAndDestroy() },
  { title: 'loses its control connection', die: (client) => client.socket.resetAndDestroy() },
  { title: 'aborts', die: (client) => client.write('ABOR\r\n') },
  { title: 'falls silent', die: () => {} },
]
for (const { title, die } of ways)
  for (const over of ['a new name', 'an earlier file'] as const)
    test(`a client that ${title} at any of ${POINTS} bytes leaves no stump under ${over}`, async () => {
      const limits = { loginSeconds: 30, idleSeconds: 60, stallSeconds: 0.4 }
      const { server, login } = await given(db, folders, { limits })
      if (over === 'an earlier file') {
        for (let at = 0; at < POINTS; at++) {
          const pending = await server.area.receive()
          await pending.write(Buffer.from(`earlier ${at}\n`))
          await pending.seal()
          await pending.publish(`/${at}.csv` as TeamPath)
        }
      }
      const one = async (at: number) => {
        const client = await RawClient.open(server.port)
        await client.login(login)
        const bytes = Math.floor(Math.random() * WHOLE.length)
        const data = await client.beginStore(`${at}.csv`, WHOLE.slice(0, bytes))
        die(client, data)
        if (title === 'falls silent') expect(await client.reply()).toBe('426 The data connection stalled.')
      }
      for (let at = 0; at < POINTS; at += TOGETHER)
        await Promise.all(Array.from({ length: TOGETHER }, (_, more) => one(at + more)))
      await vi.waitFor(async () => expect(await unfinishedUploads(db, login.team.id)).toEqual([]), { timeout: 10_000 })
      const left = over === 'a new name' ? [] : Array.from({ length: POINTS }, (_, at) => `${at}.csv`).sort()
      expect(await names(server.area)).toEqual(left)
      for (const name of left) expect(await textOf(server.area, `/${name}`)).toBe(`earlier ${name.slice(0, -4)}\n`)
    })
