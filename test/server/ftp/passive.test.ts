import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { AccessGuard } from '../../../server/access-guard.ts'
import { UNUSED_MS } from '../../../server/ftp/transfers/passive-listener.ts'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { NO_LIMITS, serverFolders, teamLogin } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

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
  const late = await RawClient.open(started.server.port)
  await late.login(await teamLogin(db))
  expect(await late.send('EPSV')).toBe('425 No passive port available; try again.')
  clients[0]?.socket.destroy()
  await vi.waitFor(async () => expect(await late.dataPort()).toBe(ports[0]))
})

test('a data port that no client connects to is closed after 30 seconds, and the transfer is told', async () => {
  const started = await given(db, folders)
  const client = await started.client()
  const port = await client.dataPort()
  started.server.passTime(UNUSED_MS)
  const [error] = await once(connect(port, '127.0.0.1'), 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  expect(await client.reply()).toBe('425 Data port closed, as no connection came; send PASV or EPSV again.')
  // Another is had at once.
  const data = connect(await client.dataPort(), '127.0.0.1')
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  data.end('one\n')
  expect(await client.reply()).toMatch(/^226/)
})

test('one team holds a quarter of the data ports, and another still gets one', async () => {
  const range = { minPort: 21_910, maxPort: 21_929 }
  const started = await given(db, folders, { passive: range })
  const clients = await Promise.all(Array.from({ length: 6 }, () => started.client()))
  const last = clients.pop()
  for (const client of clients) await client.dataPort()
  expect(await last?.send('EPSV')).toBe('425 Too many data ports of this team are in use; try again.')
  const other = await RawClient.open(started.server.port)
  expect(await other.login(await teamLogin(db))).toBe('230 Login successful.')
  await other.dataPort()
  // The first one's transfer begins: its port listens no more.
  connect(await (clients[0] as RawClient).dataPort(), '127.0.0.1')
  await vi.waitFor(async () => expect(await last?.send('EPSV')).toMatch(/^229/))
})

test('sessions over the limit of an account are told 421; one that ends or logs out makes room', async () => {
  const { server, login, client } = await given(db, folders, {
    access: new AccessGuard({ ...NO_LIMITS, maxPerAccount: 2 }),
  })
  const [first, second] = [await client(), await client()]
  const over = await RawClient.open(server.port)
  expect(await over.login(login)).toBe('421 Too many sessions of this account; close one and try again.')
  expect(await second.send('REIN')).toMatch(/^220/)
  await client()
  first.socket.destroy()
  await vi.waitFor(async () => {
    const next = await RawClient.open(server.port)
    expect(await next.login(login)).toBe('230 Login successful.')
  })
})

test('clients are told the address that the administrator has set', async () => {
  const { client } = await given(db, folders, { passive: { minPort: 0, maxPort: 0, address: () => '192.0.2.7' } })
  expect(await (await client()).send('PASV')).toMatch(/^227 Entering Passive Mode \(192,0,2,7,\d+,\d+\)\.$/)
  const { client: without } = await given(db, folders)
  expect(await (await without()).send('PASV')).toMatch(/\(127,0,0,1,/)
})
