import { expect, test, vi } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()

test('commands come in any cut: byte by byte, joined, and with bare line feeds', async () => {
  const { server, login } = await given(db, folders)
  const client = await RawClient.open(server.port)
  for (const byte of `USER ${login.username}\r\n`) client.write(byte)
  expect(await client.reply()).toMatch(/^331/)
  client.write(`PASS ${login.password}\nPWD\r\nSYST\n`)
  expect(await client.reply()).toMatch(/^230/)
  expect(await client.reply()).toMatch(/^257 "\/"/)
  expect(await client.reply()).toMatch(/^215/)
})

test('a line without end is refused, and the session goes on', async () => {
  const { server } = await given(db, folders)
  const client = await RawClient.open(server.port)
  client.write(`USER ${'x'.repeat(100_000)}`)
  expect(await client.reply()).toMatch(/^500/)
  client.write('\r\n')
  expect(await client.send('NOOP')).toMatch(/^200/)
})

test('ten thousand commands in one piece are answered one by one', async () => {
  const { server } = await given(db, folders)
  const client = await RawClient.open(server.port)
  client.write('NOOP\r\n'.repeat(10_000))
  for (let count = 0; count < 10_000; count++) expect(await client.reply()).toMatch(/^200/)
})

test('a NUL or another control character in a name is refused', async () => {
  const client = await (await given(db, folders)).client()
  for (const character of ['\0', '\x01', '\x1b', '\x7f', '\r'])
    expect(await client.send(`MKD a${character}b`)).toBe('550 File name not allowed.')
})

test('STAT tells in the midst of a transfer how far it is, and what else is said waits for its end', async () => {
  const client = await (await given(db, folders)).client()
  const data = await client.beginStore('a.csv', 'x'.repeat(1000))
  await vi.waitFor(async () => expect(await client.send('STAT')).toContain(' Transfer in progress: 1000 bytes so far.'))
  client.write('NOOP\r\nSTAT\r\n')
  data.end()
  expect(await client.reply()).toMatch(/^226/)
  expect(await client.reply()).toMatch(/^200/)
  expect(await client.reply()).not.toContain('Transfer in progress')
})

test('a client that sends STAT in a transfer and reads no answer holds up neither others nor a stop', async () => {
  const { client: connect, server } = await given(db, folders)
  const client = await connect()
  const data = await client.beginStore('a.csv', 'x')
  client.socket.pause()
  for (let sent = 0; sent < 200; sent++) client.write('STAT\r\n'.repeat(500))
  data.write('y')
  expect(await (await connect()).send('PWD')).toMatch(/^257/)
  client.socket.destroy()
  await server.stop()
})

test('a client that does not log in is told 421 and closed', async () => {
  const limits = { loginSeconds: 0.05, idleSeconds: 60, stallSeconds: 30 }
  const { server } = await given(db, folders, { limits })
  const client = await RawClient.open(server.port)
  expect(await client.reply()).toMatch(/^421/)
  expect(await client.reply()).toBe('')
})
