import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { expect, test, vi } from 'vitest'
import type { TeamPath } from '../../../model/team-path.ts'
import { unfinishedUploads } from '../../../store/uploads/unfinished-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { type Given, given } from '../support/ftp-client.ts'
import { names, serverFolders, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const TOGETHER = 25
/** In how many places an upload is broken off: UPLOAD_KILLS for more, in steps of 25. */
const POINTS = Number(process.env.UPLOAD_KILLS ?? 50)
const WHOLE = 'new content\n'.repeat(20_000)

/** A client amid an upload, and the sockets below whatever it speaks. */
interface Uploading {
  client: RawClient
  control: Socket
  data: Socket
}

const ways: { title: string; die: (uploading: Uploading) => unknown }[] = [
  { title: 'ends both connections', die: ({ control, data }) => [data.end(), control.end()] },
  {
    title: 'resets both connections',
    die: ({ control, data }) => [data.resetAndDestroy(), control.resetAndDestroy()],
  },
  { title: 'resets the data connection', die: ({ data }) => data.resetAndDestroy() },
  { title: 'loses its control connection', die: ({ control }) => control.resetAndDestroy() },
  { title: 'aborts', die: ({ client }) => client.write('ABOR\r\n') },
  { title: 'falls silent', die: () => {} },
]

const upload = {
  async plain({ server, login }: Given, name: string, content: string): Promise<Uploading> {
    const client = await RawClient.open(server.port)
    await client.login(login)
    return { client, control: client.socket, data: await client.beginStore(name, content) }
  },
  async TLS({ server, login }: Given, name: string, content: string): Promise<Uploading> {
    const client = await RawClient.open(server.port)
    const control = client.socket
    await client.send('AUTH TLS')
    await client.startTls()
    await client.login(login)
    const data = await client.data()
    expect(await client.send(`STOR ${name}`)).toMatch(/^150/)
    const secure = tlsConnect({ socket: data, rejectUnauthorized: false })
    secure.on('error', () => {})
    await once(secure, 'secureConnect')
    await new Promise((resolve) => secure.write(content, resolve))
    return { client, control, data }
  },
}

for (const { title, die } of ways)
  for (const { over, how, points } of [
    { over: 'a new name', how: 'plain', points: POINTS },
    { over: 'an earlier file', how: 'plain', points: POINTS },
    { over: 'an earlier file', how: 'TLS', points: 25 },
  ] as const)
    test(`a client that ${title} at any of ${points} bytes leaves no stump under ${over}: ${how}`, async () => {
      const limits = { loginSeconds: 30, idleSeconds: 60, stallSeconds: 0.4 }
      const started = await given(db, folders, { limits, mode: how === 'TLS' ? 'required' : 'off' })
      const { server, login } = started
      if (over === 'an earlier file') {
        for (let at = 0; at < points; at++) {
          const pending = await server.area.receive()
          await pending.write(Buffer.from(`earlier ${at}\n`))
          await pending.seal()
          await pending.publish(`/${at}.csv` as TeamPath)
        }
      }
      const one = async (at: number) => {
        const bytes = Math.floor(Math.random() * WHOLE.length)
        const uploading = await upload[how](started, `${at}.csv`, WHOLE.slice(0, bytes))
        die(uploading)
        if (title === 'falls silent') expect(await uploading.client.reply()).toBe('426 Data connection timed out.')
      }
      for (let at = 0; at < points; at += TOGETHER)
        await Promise.all(Array.from({ length: TOGETHER }, (_, more) => one(at + more)))
      await vi.waitFor(async () => expect(await unfinishedUploads(db, login.team.id)).toEqual([]), { timeout: 10_000 })
      const left = over === 'a new name' ? [] : Array.from({ length: points }, (_, at) => `${at}.csv`).sort()
      expect(await names(server.area)).toEqual(left)
      for (const name of left) expect(await textOf(server.area, `/${name}`)).toBe(`earlier ${name.slice(0, -4)}\n`)
    })
