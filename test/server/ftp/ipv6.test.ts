import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { testDatabase } from '../../support/database.ts'
import { cannotRun } from '../../support/machine/programs.ts'
import { given } from '../support/ftp-client.ts'
import { names, serverFolders, textOf } from '../support/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'

const { db } = testDatabase()
const folders = serverFolders()
const run = promisify(execFile)

const there = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
beforeEach(({ skip }) => skip(!there, 'this machine has no IPv6 loopback address'))

async function overIpv6(options: Parameters<typeof given>[2] = {}) {
  const started = await given(db, folders, { host: '::1', ...options })
  const client = await RawClient.open(started.server.port, '::1')
  if (options.mode === undefined) expect(await client.login(started.login)).toMatch(/^230/)
  return { ...started, client }
}

test('files come and go over IPv6 by EPSV; PASV, which knows IPv4 alone, is refused', async () => {
  const { server, client } = await overIpv6()
  expect(await client.send('PASV')).toBe('425 PASV supports IPv4 only; use EPSV.')
  expect(await client.send('EPSV 1')).toBe('522 Network protocol not supported, use (2)')
  expect(await client.send('EPSV 2')).toMatch(/^229 Entering Extended Passive Mode \(\|\|\|\d+\|\)$/)
  expect(await client.store('a.csv', 'one\n')).toMatch(/^226/)
  expect((await client.fetch('RETR a.csv')).content).toBe('one\n')
  expect((await client.fetch('NLST')).content).toBe('a.csv\r\n')
  expect(await textOf(server.area, '/a.csv')).toBe('one\n')
  expect(await client.send('STAT')).toContain('from ::1.')
})

test('an IPv4 address that clients are told does not help those who came over IPv6', async () => {
  const { client } = await overIpv6({ passive: { minPort: 0, maxPort: 0, address: () => '192.0.2.1' } })
  expect(await client.send('PASV')).toBe('425 PASV supports IPv4 only; use EPSV.')
})

test('one server serves both protocols, and IPv4 keeps PASV', async () => {
  const { server, login } = await given(db, folders, { host: '::' })
  for (const host of ['::1', '127.0.0.1']) {
    const client = await RawClient.open(server.port, host)
    await client.login(login)
    expect(await client.send('STAT')).toContain(`from ${host}.`)
    expect(await client.store(`${host.replaceAll(':', '-')}.csv`, 'one\n')).toMatch(/^226/)
    expect((await client.send('PASV')).slice(0, 3)).toBe(host === '::1' ? '425' : '227')
  }
  expect(await names(server.area)).toEqual(['--1.csv', '127.0.0.1.csv'])
})

test('EPRT reaches the client over IPv6, and nobody else', async () => {
  const { server, client } = await overIpv6({ active: true })
  const listener = createServer()
  onTestFinished(() => void listener.close())
  await new Promise<void>((resolve) => listener.listen(0, '::1', resolve))
  const { port } = listener.address() as { port: number }
  const connection = once(listener, 'connection').then(([socket]) => socket as Socket)
  for (const other of ['|2|::2|', '|2|2001:db8::1|', '|1|127.0.0.1|', '|2|::ffff:127.0.0.1|'])
    expect(await client.send(`EPRT ${other}${port}|`), other).toBe(
      '501 Illegal PORT: only your own address is allowed.',
    )
  expect(await client.send(`EPRT |2|nonsense|${port}|`)).toBe('501 Invalid address for this network protocol.')
  expect(await client.send(`EPRT |2|0:0:0:0:0:0:0:1|${port}|`)).toBe('200 PORT command successful.')
  expect(await client.send('STOR a.csv')).toMatch(/^150/)
  ;(await connection).end('one\n')
  expect(await client.reply()).toMatch(/^226/)
  await client.send('NOOP')
  expect(await textOf(server.area, '/a.csv')).toBe('one\n')
})

const programs: { name: string; args(url: string, login: { username: string; password: string }): string[] }[] = [
  {
    name: 'curl',
    args: (url, { username, password }) => [
      ...['-sS', '--insecure', '--ssl-reqd', '--globoff', '--user', `${username}:${password}`],
      ...['-T', import.meta.filename, `ftp://${url}/a.csv`],
    ],
  },
  {
    name: 'lftp',
    args: (url, { username, password }) => [
      '-c',
      [
        'set cmd:fail-exit yes; set net:max-retries 1; set ssl:verify-certificate no; set ftp:ssl-force yes',
        `open -u ${username},${password} ftp://${url}; put "${import.meta.filename}" -o a.csv; cls a.csv; bye`,
      ].join('; '),
    ],
  },
]
for (const { name, args } of programs) {
  const missing = cannotRun(name, '--version')
  test(`${name} uploads over IPv6 and TLS`, async ({ skip }) => {
    skip(Boolean(missing), missing)
    const { server, login } = await overIpv6({ mode: 'required' })
    await run(name, args(`[::1]:${server.port}`, login), { timeout: 20_000 })
    expect(await names(server.area)).toEqual(['a.csv'])
  })
}
