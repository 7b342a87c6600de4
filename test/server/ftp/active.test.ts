import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { given } from '../support/ftp-client.ts'
import { serverFolders, textOf } from '../support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

/** A client's own data port. */
async function dataPort(): Promise<{ port: number; connection: Promise<Socket> }> {
  const listener = createServer()
  onTestFinished(() => void listener.close())
  const connection = once(listener, 'connection').then(([socket]) => socket as Socket)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return { port: (listener.address() as { port: number }).port, connection }
}

const commands = [
  { verb: 'PORT', argument: (port: number) => `127,0,0,1,${port >> 8},${port & 255}` },
  { verb: 'EPRT', argument: (port: number) => `|1|127.0.0.1|${port}|` },
]
for (const { verb, argument } of commands)
  test(`${verb} uploads over a connection that the server opens, where active mode is on`, async () => {
    const { client: login, server } = await given(db, folders, { active: true })
    const client = await login()
    const { port, connection } = await dataPort()
    expect(await client.send(`${verb} ${argument(port)}`)).toBe('200 PORT command successful.')
    expect(await client.send('STOR a.csv')).toBe('150 Send a.csv.')
    ;(await connection).end('one\n')
    expect(await client.reply()).toBe('226 Transfer complete.')
    await client.send('NOOP')
    expect(await textOf(server.area, '/a.csv')).toBe('one\n')
  })

const refusals = {
  'PORT 127,0,0,2,200,1': '501 Illegal PORT: only your own address is allowed.',
  'PORT 10,0,0,1,200,1': '501 Illegal PORT: only your own address is allowed.',
  'PORT 127,0,0,1,3,255': '501 Illegal PORT: the port must be from 1024 to 65535.',
  'PORT 127,0,0,1,0,21': '501 Illegal PORT: the port must be from 1024 to 65535.',
  'PORT 127,0,0,1,256,1': '501 PORT requires h1,h2,h3,h4,p1,p2.',
  'PORT 1,2,3': '501 PORT requires h1,h2,h3,h4,p1,p2.',
  'EPRT |1|192.0.2.1|51201|': '501 Illegal PORT: only your own address is allowed.',
  'EPRT |1|127.0.0.1|22|': '501 Illegal PORT: the port must be from 1024 to 65535.',
  'EPRT |2|127.0.0.1|51201|': '501 Invalid address for this network protocol.',
  'EPRT |2|::1|51201|': '501 Illegal PORT: only your own address is allowed.',
  'EPRT ||||': '501 EPRT requires |protocol|address|port|.',
  'EPRT ||': '501 EPRT requires |protocol|address|port|.',
  'EPRT |1|127.0.0.1|-1|': '501 EPRT requires |protocol|address|port|.',
  'EPRT |3|x|1|': '522 Network protocol not supported, use (1,2)',
}
test('what is malformed is said so where there is no active mode, too', async () => {
  const { client: login } = await given(db, folders)
  const client = await login()
  for (const [command, reply] of Object.entries(refusals))
    expect(await client.send(command), command).toBe(
      /^5(01 Illegal|02)/.test(reply) ? '502 Active mode is disabled; use PASV or EPSV.' : reply,
    )
  expect(await client.send('EPRT |1|127.0.0.1|99999|')).toBe('501 EPRT requires |protocol|address|port|.')
})

test('active mode goes nowhere but to the client, and to no port of a service', async () => {
  const { client: login } = await given(db, folders, { active: true })
  const client = await login()
  for (const [command, reply] of Object.entries(refusals)) expect(await client.send(command), command).toBe(reply)
  expect(await client.send('STOR a.csv')).toBe('425 Use PORT or PASV first.')
})

test('a client that does not listen is told 425', async () => {
  const { client: login } = await given(db, folders, { active: true })
  const client = await login()
  const { port } = await dataPort()
  await client.send(`EPRT |1|127.0.0.1|${port === 65_535 ? 65_534 : port + 1}|`)
  await client.send('LIST')
  expect(await client.reply()).toBe('425 Cannot open data connection.')
})

test('after EPSV ALL only EPSV is served', async () => {
  const { client: login } = await given(db, folders, { active: true })
  const client = await login()
  expect(await client.send('EPSV ALL')).toBe('200 EPSV ALL OK.')
  for (const command of ['PASV', 'PORT 127,0,0,1,200,1', 'EPRT |1|127.0.0.1|51201|'])
    expect(await client.send(command)).toBe('501 Not allowed after EPSV ALL.')
})
