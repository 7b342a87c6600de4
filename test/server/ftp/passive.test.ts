import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders } from '../support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

test('a stranger on the data port is dropped, and the transfer goes on', async () => {
  const started = await given(db, folders)
  const client = await started.client()
  const port = await client.dataPort()
  const stranger = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  await once(stranger, 'close')
  const data = connect({ port, host: '127.0.0.1' })
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  data.end('one\n')
  expect(await client.reply()).toMatch(/^226/)
})

test('a session keeps one passive port open, however often it asks', async () => {
  const client = await (await given(db, folders)).client()
  const first = await client.dataPort()
  for (let again = 0; again < 5; again++) await client.dataPort()
  const refused = connect(first, '127.0.0.1')
  const [error] = await once(refused, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})

test('data ports are of the range, in no order, and a range that is used up is told', async () => {
  // Below the ports that the system gives to whoever asks for any.
  const started = await given(db, folders, { passive: { minPort: 21_900, maxPort: 21_903 } })
  const clients = await Promise.all(Array.from({ length: 4 }, () => started.client()))
  const ports: number[] = []
  for (const client of clients) ports.push(await client.dataPort())
  expect([...ports].sort()).toEqual([21_900, 21_901, 21_902, 21_903])
  const late = await started.client()
  expect(await late.send('EPSV')).toBe('425 No passive port available; try again.')
  clients[0]?.socket.destroy()
  await vi.waitFor(async () => expect(await late.dataPort()).toBe(ports[0]))
})

test('clients are told the address that the administrator has set', async () => {
  const { client } = await given(db, folders, { passive: { minPort: 0, maxPort: 0, address: () => '192.0.2.7' } })
  expect(await (await client()).send('PASV')).toMatch(/^227 Entering Passive Mode \(192,0,2,7,\d+,\d+\)\.$/)
  const { client: without } = await given(db, folders)
  expect(await (await without()).send('PASV')).toMatch(/\(127,0,0,1,/)
})
