import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type ssh2 from 'ssh2'
import { beforeAll, expect, test } from 'vitest'
import { EXTENSIONS, SftpChannel, startWindowsSmall, WindowBudget } from '../../../server/sftp/channel.ts'
import { type HostKeys, loadHostKeys } from '../../../server/sftp/host-keys.ts'
import { testDatabase } from '../../support/database.ts'
import { serverFolders, teamLogin } from '../support/ftp-server.ts'
import { connectSsh, SftpClient, startSftp } from '../support/sftp-server.ts'

const require = createRequire(import.meta.url)
const { SFTP } = require('ssh2/lib/protocol/SFTP.js')

const { db } = testDatabase()
const folders = serverFolders()
let hostKeys: HostKeys
beforeAll(async () => {
  hostKeys = await loadHostKeys(join(folders.teams(), '..', 'keys'))
})

async function connected() {
  const login = await teamLogin(db)
  const server = await startSftp({ db, team: login.team, teams: folders.teams(), hostKeys })
  const ssh = await connectSsh(server.port, { username: login.username, password: login.password })
  return { server, client: await SftpClient.open(ssh) }
}

test('ssh2 is the version whose points were looked at', () => {
  expect(require('ssh2/package.json').version).toBe('1.17.0')
})

/** An SFTP object of ssh2 as its server makes it, and what it sends. */
function wired(window: number) {
  const sent: { call: string; values: unknown[] }[] = []
  const note =
    (call: string) =>
    (...values: unknown[]) =>
      void sent.push({ call, values })
  const protocol = {
    channelData: note('data'),
    channelWindowAdjust: note('adjust'),
    exitStatus: note('exit'),
    channelClose: note('close'),
  }
  const chanInfo = {
    incoming: { id: 0, window: 1000, state: 'open' },
    outgoing: { id: 1, window, packetSize: 32_768, state: 'open' },
  }
  const sftp = new SFTP({ _protocol: protocol }, chanInfo, { server: true })
  const gone = Promise.withResolvers<void>()
  let received = 0
  const socket = new PassThrough() as unknown as ConstructorParameters<typeof SftpChannel>[1]
  const channel = new SftpChannel(sftp, socket, gone.promise, () => {
    received += 1
  })
  sftp.push(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]))
  return { sftp, channel, sent, chanInfo, gone, received: () => received }
}

test('VERSION names the extensions, once, within the window', () => {
  const { sftp, sent, chanInfo, received } = wired(100_000)
  expect(received()).toBe(1)
  sftp.status(1, 0)
  const [version, status] = sent.map(({ values }) => values[1] as Buffer)
  for (const name of Object.keys(EXTENSIONS)) expect(version?.includes(name)).toBe(true)
  expect(version?.readUInt32BE()).toBe((version?.length ?? 0) - 4)
  expect(status?.[4]).toBe(101)
  expect(chanInfo.outgoing.window).toBe(100_000 - (version?.length ?? 0) - (status?.length ?? 0))
})

test('a client that opens hardly any window gets the plain VERSION', () => {
  const { sent } = wired(20)
  expect(sent[0]?.values[1]).toHaveLength(9)
})

test('the window is opened only when it is granted, and not by little', () => {
  const { channel, sent, chanInfo } = wired(100_000)
  expect(sent.filter(({ call }) => call === 'adjust')).toEqual([])
  channel.grant(1500)
  expect(chanInfo.incoming.window).toBe(1000)
  channel.grant(5000)
  expect(sent.at(-1)).toEqual({ call: 'adjust', values: [1, 4000] })
  expect(chanInfo.incoming.window).toBe(5000)
})

test('a client that does not take its answers is not sent more, until it does or goes', async () => {
  const { sftp, channel, chanInfo, gone } = wired(200)
  sftp.data(1, Buffer.alloc(1000))
  let writable = false
  const waits = channel.writable().then(() => {
    writable = true
  })
  await new Promise(setImmediate)
  expect(writable).toBe(false)
  // As ssh2 takes CHANNEL_WINDOW_ADJUST.
  chanInfo.outgoing.window += 10_000
  sftp._waitWindow = false
  sftp._chunkcb()
  await waits
  sftp.data(2, Buffer.alloc(100_000))
  const again = channel.writable()
  gone.resolve()
  await again
})

test('a channel ends with an exit status', () => {
  const { channel, sent } = wired(100_000)
  channel.end()
  channel.end()
  expect(sent.slice(1).map(({ call }) => call)).toEqual(['exit', 'close'])
})

test('each channel has its share of what all may send', () => {
  const budget = new WindowBudget(1 << 20)
  budget.join()
  expect(budget.share).toBe(1 << 20)
  budget.join()
  expect(budget.share).toBe(512 << 10)
  for (let count = 0; count < 100; count += 1) budget.join()
  expect(budget.share).toBe(128 << 10)
  budget.leave()
})

test('a channel is opened with a small window instead of the largest', () => {
  const sent: number[][] = []
  const protocol = { channelOpenConfirm: (...values: number[]) => void sent.push(values) }
  startWindowsSmall({ _protocol: protocol } as unknown as ssh2.Connection)
  protocol.channelOpenConfirm(1, 2, 2 << 20, 32_768)
  expect(sent).toEqual([[1, 2, 256 << 10, 32_768]])
})

test('a client is told how much it may write at once, and may write that', async () => {
  const { client, server } = await connected()
  const { _maxWriteLen } = client.sftp as unknown as { _maxWriteLen: number }
  expect(_maxWriteLen).toBe(255 << 10)
  const content = Buffer.alloc(3 << 20, 'x')
  const handle = await client.call('open', '/a.csv', 'w')
  const at = Array.from({ length: Math.ceil(content.length / _maxWriteLen) }, (_, index) => index * _maxWriteLen)
  await Promise.all(
    at.map((offset) =>
      client.call('write', handle, content, offset, Math.min(_maxWriteLen, content.length - offset), offset),
    ),
  )
  await client.call('close', handle)
  expect(server.ready).toEqual(['/a.csv'])
})
