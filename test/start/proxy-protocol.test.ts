import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import ssh2 from 'ssh2'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../log.ts'
import { behindProxies } from '../../start/proxy-protocol.ts'
import { BALANCER, startBalancer, version1, version2 } from '../support/machine/balancer.ts'
import { testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService({
  PROXY_PROTOCOL_FROM: `${BALANCER}/32`,
  SFTP_PORT: '0',
  FTP_TLS: 'optional',
  FTP_BAN_AFTER: '2',
})
const SERVER = '127.0.0.1'
const versions = { 'version 1': version1, 'version 2': version2 }
const portOf = (part: 'ftp' | 'ftps' | 'sftp' | 'http') => Number(service.running().addresses[part]?.split(':').at(-1))
const account = { username: '', password: '' }

beforeAll(async () => {
  await service.makeTeam('admissions')
  const body = { username: 'balanced', allowedAddresses: ['198.51.100.0/24', '127.0.0.1'] }
  Object.assign(account, await anyJson(await service.call('POST', '/api/teams/admissions/ftp-accounts', body)))
})

/** Logs in; answers the client, or throws what the server said. */
async function ftp(port: number, secure: boolean | 'implicit', password = account.password): Promise<Client> {
  const client = new Client()
  onTestFinished(() => client.close())
  const secureOptions = { rejectUnauthorized: false }
  await client.access({ host: SERVER, port, user: account.username, password, secure, secureOptions })
  return client
}

async function sftp(port: number): Promise<void> {
  const client = new ssh2.Client()
  onTestFinished(() => void client.end())
  client.connect({ host: SERVER, port, username: account.username, password: account.password })
  await new Promise<void>((resolve, reject) => {
    client.on('ready', resolve).on('error', reject)
    client.on('close', () => reject(new Error('closed')))
  })
}

async function lastAddress(): Promise<string | null> {
  const { last_login_address } = await service.database.db
    .selectFrom('ftp_account')
    .select('last_login_address')
    .where('username', '=', account.username)
    .executeTakeFirstOrThrow()
  return last_login_address
}

for (const [name, header] of Object.entries(versions)) {
  const kinds = {
    ftp: (port: number) => ftp(port, true),
    ftps: (port: number) => ftp(port, 'implicit'),
    sftp,
  } as const
  let host = 10
  for (const [kind, login] of Object.entries(kinds))
    test(`${name} over ${kind}: the client's address is the one that is allowed, refused and recorded`, async () => {
      const client = `198.51.100.${host++}`
      await login(await startBalancer(portOf(kind as keyof typeof kinds), header(client, SERVER)))
      await expect.poll(lastAddress).toBe(client)
      const strange = await startBalancer(portOf(kind as keyof typeof kinds), header(`203.0.113.${host}`, SERVER))
      await expect(login(strange)).rejects.toThrow()
    })

  test(`${name} over HTTP: the audit names the client, not the balancer`, async () => {
    const port = await startBalancer(portOf('http'), header('198.51.100.80', SERVER))
    const owner = { email: 'admin@localhost', password: 'correct horse battery' }
    const answer = await fetch(`http://${SERVER}:${port}/api/session`, { method: 'POST', body: JSON.stringify(owner) })
    expect(answer.status).toBe(204)
    const { address } = await service.database.db
      .selectFrom('session')
      .select('address')
      .orderBy('created_at', 'desc')
      .executeTakeFirstOrThrow()
    expect(address).toBe('198.51.100.80')
  })
}

test('a file goes through to a client that the balancer names, over a data connection from the same address', async () => {
  const client = await ftp(await startBalancer(portOf('ftp'), version2(SERVER, SERVER)), true)
  const { message } = await client.uploadFrom(Readable.from(['x'.repeat(300_000)]), '/notes.txt')
  expect(message).toMatch(/^226/)
})

test('PASV tells the address that the client reached, and its port takes the header from the balancer', async () => {
  const client = await ftp(await startBalancer(portOf('ftp'), version1('198.51.100.90', '203.0.113.5')), false)
  const { message } = await client.send('PASV')
  const [, address, high, low] = /\((\d+,\d+,\d+,\d+),(\d+),(\d+)\)/.exec(message) ?? []
  expect(address).toBe('203,0,113,5')
  const port = Number(high) * 256 + Number(low)
  const opened = (header: Buffer) => {
    const data = connect({ port, host: SERVER, localAddress: BALANCER })
    onTestFinished(() => void data.destroy())
    data.write(header)
    return data.on('error', () => {})
  }
  await once(opened(version1('198.51.100.91', SERVER)), 'close')
  const data = opened(version1('198.51.100.90', SERVER))
  let text = ''
  data.on('data', (chunk) => {
    text += chunk
  })
  expect((await client.send('NLST')).code).toBe(150)
  await once(data, 'close')
  expect(text).toContain('cadence')
})

test('of two clients behind one balancer a ban stops only the one that it is for', async () => {
  const port = portOf('ftp')
  const bad = await startBalancer(port, version2('198.51.100.201', SERVER))
  for (const _ of [1, 2]) await expect(ftp(bad, true, 'wrong')).rejects.toThrow()
  await expect(ftp(bad, true)).rejects.toThrow()
  await ftp(await startBalancer(port, version2('198.51.100.202', SERVER)), true)
})

for (const part of ['ftp', 'ftps', 'sftp', 'http'] as const)
  test(`${part}: the balancer is not answered without a header`, async () => {
    const socket = connect({ port: portOf(part), host: SERVER, localAddress: BALANCER })
    let said = ''
    socket.on('data', (chunk) => {
      said += chunk
    })
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'close')
    expect(said).toBe('')
  })

for (const [name, header] of Object.entries(versions))
  test(`${name} from anywhere else is no header: HTTP refuses it, FTP goes on with the real address`, async () => {
    const http = connect({ port: portOf('http'), host: SERVER })
    http.on('error', () => {})
    http.write(
      Buffer.concat([header('198.51.100.99', SERVER), Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')]),
    )
    const [answer] = await once(http, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400/)
    const client = await ftp(portOf('ftp'), true)
    await expect.poll(lastAddress).toBe(SERVER)
    expect((await client.send('NOOP')).code).toBe(200)
  })

test('a header that comes in pieces is read, and one that does not come in time ends the connection', async () => {
  const server = createServer((socket) => socket.once('data', (data) => socket.end(`${socket.remoteAddress} ${data}`)))
  behindProxies([BALANCER], createLog('silent'), 300)(server)
  server.listen(0, SERVER)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const slow = connect({ port, host: SERVER, localAddress: BALANCER })
  slow.setNoDelay(true)
  const header = Buffer.concat([version2('198.51.100.1', SERVER), Buffer.from('hello')])
  for (const byte of header.subarray(0, 40)) {
    slow.write(Buffer.from([byte]))
    await new Promise(setImmediate)
  }
  const [answer] = await once(slow, 'data')
  expect(String(answer)).toMatch(/^198\.51\.100\.1 h/)
  const silent = connect({ port, host: SERVER, localAddress: BALANCER }).on('error', () => {})
  silent.write('PROXY TCP4 ')
  await once(silent, 'close')
})
