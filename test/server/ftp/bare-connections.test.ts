import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

const ENDINGS: { title: string; end: (socket: Socket) => unknown }[] = [
  { title: 'is closed at once', end: (socket) => socket.destroy() },
  { title: 'is reset', end: (socket) => socket.resetAndDestroy() },
  { title: 'sends its end and waits', end: (socket) => socket.end() },
  { title: 'sends half a hello and its end', end: (socket) => socket.end(Buffer.from([0x16, 0x03, 0x01, 0x02])) },
  { title: 'speaks in the clear and is closed', end: (socket) => socket.end('USER ann\r\n') },
]
for (const mode of ['implicit', 'required'] as const)
  for (const { title, end } of ENDINGS)
    test(`a bare connection that ${title} does not keep an endpoint with ${mode} TLS from stopping`, async () => {
      const { server } = await given(db, folders, { mode })
      const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
      socket.on('error', () => {})
      await once(socket, 'connect')
      end(socket)
      const begun = performance.now()
      await server.stop()
      expect(performance.now() - begun).toBeLessThan(5000)
      socket.destroy()
    })
