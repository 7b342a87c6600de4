import { once } from 'node:events'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import { ReadBudget } from '../../../files/open-file.ts'
import { GatherBudget } from '../../../files/pending-file.ts'
import type { TeamPath } from '../../../model/team-path.ts'
import { testDatabase } from '../../support/database.ts'
import { type Given, given } from '../support/ftp-client.ts'
import { overlaid, serverFolders } from '../support/ftp-server.ts'
import { memory } from '../support/memory.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
/** `SLOW_CLIENTS=500` asks for more of them. */
const CLIENTS = Number(process.env.SLOW_CLIENTS ?? 10)
/** What this process takes meanwhile for itself. */
const OWN_MIB = 4

async function bare(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** A transfer of which the client reads nothing. */
async function unread({ server, login }: Given, command: string): Promise<void> {
  const client = await RawClient.open(server.port)
  await client.login(login)
  const data = await client.data()
  data.pause()
  expect(await client.send(command)).toMatch(/^150/)
}

const endless: FileArea['list'] = async function* () {
  const entry = {
    path: '/' as TeamPath,
    bytes: 1,
    modifiedAt: new Date(),
    changedAt: new Date(),
    kind: 'file' as const,
  }
  for (let at = 0; ; at++)
    yield { ...entry, name: `StudentData-${at}.csv`, identity: { device: 1n, inode: BigInt(at), bytes: 1 } }
}

const ways: { title: string; mebibytes: number; mode?: 'implicit'; act(given: Given): Promise<unknown> }[] = [
  {
    title: 'begin TLS and go no further',
    mebibytes: 0.1,
    mode: 'implicit',
    act: async ({ server }) => (await bare(server.port)).write(Buffer.from([0x16, 3, 1, 2, 0, 1])),
  },
  {
    title: 'send a line that never ends',
    mebibytes: 0.3,
    async act({ server }) {
      const socket = await bare(server.port)
      for (let sent = 0; sent < 20; sent++) await new Promise((resolve) => socket.write('x'.repeat(1 << 16), resolve))
    },
  },
  {
    title: 'send commands and read no reply',
    mebibytes: 0.3,
    async act({ server }) {
      const socket = (await bare(server.port)).pause()
      socket.write('HELP\r\n'.repeat(5000))
    },
  },
  { title: 'read nothing of a listing', mebibytes: 0.3, act: (started) => unread(started, 'LIST') },
  { title: 'read nothing of a file', mebibytes: 1, act: (started) => unread(started, 'RETR large.csv') },
]
for (const { title, mebibytes, mode, act } of ways)
  test(`${CLIENTS} clients that ${title} take at most ${mebibytes} MiB each, and others are served`, async () => {
    const [gathering, reading] = [new GatherBudget(), new ReadBudget()]
    const started = await given(db, folders, {
      ...(mode && { mode }),
      fileAreaOf: ({ team }) =>
        overlaid(diskFileArea(join(folders.teams(), team), gathering, reading), { list: endless }),
    })
    const root = join(folders.teams(), started.login.team.team)
    await mkdir(root, { recursive: true })
    await writeFile(join(root, 'large.csv'), '')
    await truncate(join(root, 'large.csv'), 1 << 30)
    const before = memory()
    await Promise.all(Array.from({ length: CLIENTS }, () => act(started)))
    let after = memory()
    for (let last = 0; after.heap > last; after = memory()) {
      last = after.heap
      await new Promise(setImmediate)
    }
    if (process.env.SLOW_CLIENTS) console.info(`${CLIENTS} clients that ${title}:`, before, after)
    if (!mode) expect(await (await RawClient.open(started.server.port)).login(started.login)).toMatch(/^230/)
    expect(after.heap - before.heap).toBeLessThan(CLIENTS * mebibytes + OWN_MIB)
  }, 120_000)
