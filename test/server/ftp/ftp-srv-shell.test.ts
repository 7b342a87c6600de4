import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { makeShell, SHELL_COMMANDS, type ShellConnection } from '../../../server/ftp/control/ftp-srv-shell.ts'

const require = createRequire(import.meta.url)
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

test('ftp-srv has the commands that it serves itself, and refuses all others of its own', async () => {
  const { promise, resolve } = Promise.withResolvers<ShellConnection>()
  const server = shell()
  server.on('connect', ({ connection }) => resolve(connection))
  await server.listen()
  const { port } = server.server.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  const connection = await promise
  connection.authenticated = true
  const replyTo = async (directive: string) => {
    let code = 0
    connection.reply = async (options) => {
      code = typeof options === 'number' ? options : options.code
    }
    await connection.commands.handle({ directive, arg: null, flags: [], raw: directive })
    return code
  }
  expect(await replyTo('NOOP')).toBe(200)
  expect(await replyTo('SYST')).toBe(215)
  const others = Object.keys(registry).filter((verb) => !SHELL_COMMANDS.some((own) => own === verb))
  expect(others.length).toBeGreaterThan(30)
  for (const verb of others) expect(await replyTo(verb), verb).toBe(502)
  client.destroy()
  server.server.close()
})
