import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createLog } from '../../../log.ts'
import { type DatabasePool, openDatabase } from '../../../store/postgres/database.ts'
import type { TestDatabase } from '../../support/database.ts'

/** The test's database behind a door: shut, its connections break and no new ones are made. */
export async function behindDoor({ address }: TestDatabase): Promise<{
  away: DatabasePool['db']
  newClient: DatabasePool['newClient']
  shut(): void
  open(): void
}> {
  const socketPath = join(address.socketFolder, '.s.PGSQL.5432')
  const through = new Set<Socket>()
  let open = true
  const door = createServer((client) => {
    if (!open) return client.resetAndDestroy()
    const database = connect(socketPath)
    for (const socket of [client, database]) {
      through.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => [client, database].map((each) => each.destroy()))
    }
    client.pipe(database).pipe(client)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const { port } = door.address() as { port: number }
  const away = openDatabase(
    { url: `postgres://postgres:${address.password}@127.0.0.1:${port}/${address.database}` },
    createLog('silent'),
  )
  onTestFinished(async () => {
    await away.close()
    for (const socket of through) socket.destroy()
    door.close()
  })
  return {
    away: away.db,
    newClient: away.newClient,
    shut() {
      open = false
      for (const socket of through) socket.destroy()
    },
    open() {
      open = true
    },
  }
}
