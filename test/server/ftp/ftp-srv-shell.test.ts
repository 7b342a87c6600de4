import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { makeShell, type ShellConnection } from '../../../server/ftp/control/ftp-srv-shell.ts'

const require = createRequire(import.meta.url)
const Connection = require('ftp-srv/src/connection')
const registry = require('ftp-srv/src/commands/registry')

const log = createLog('silent')
const shell = () => makeShell({ host: '127.0.0.1', port: 0, log })

test('ftp-srv is the version whose points were looked at', () => {
  expect(require('ftp-srv/package.json').version).toBe('4.6.3')
})

test('the shell leaves the signals of the process alone', () => {
  const count = () =>
    process.listenerCount('SIGTERM') + process.listenerCount('SIGINT') + process.listenerCount('SIGQUIT')
  const before = count()
  shell()
  expect(count()).toBe(before)
})

test('a connection is announced paused, before its greeting, with its own line reader on the data event', async () => {
  const { promise, resolve } = Promise.withResolvers<ShellConnection>()
  const replies: unknown[] = []
  const server = shell()
  server.on('connect', ({ connection }) => {
    connection.reply = async (...reply) => void replies.push(reply)
    resolve(connection)
    expect(replies).toEqual([])
  })
  await server.listen()
  const { port } = server.server.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  const connection = await promise
  expect(connection.commandSocket.listenerCount('data')).toBe(1)
  expect(connection.secure).toBe(false)
  await new Promise(setImmediate)
  expect(replies).toEqual([[220, 'Ready']])
  client.destroy()
  server.server.close()
})

test('the commands that the shell serves itself are there', () => {
  expect(typeof Connection.prototype.reply).toBe('function')
  for (const verb of ['ALLO', 'MODE', 'NOOP', 'PBSZ', 'PROT', 'STRU', 'SYST', 'TYPE'])
    expect(typeof registry[verb]?.handler, verb).toBe('function')
})
