import { expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../../../../log.ts'
import { type Resolve, resolveIPv4, watchPassiveAddress } from '../../../../server/ftp/transfers/passive-address.ts'
import { testDatabase } from '../../../support/database.ts'
import { given } from '../../support/ftp-client.ts'
import { serverFolders } from '../../support/ftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()

/** Looks up as `names` says at that moment, every 5 ms. */
async function watched(host: string, resolve: Resolve, firstWithinMilliseconds = 5000) {
  const said: { level: string; msg: string }[] = []
  const log = createLog('info', { write: (line: string) => void said.push(JSON.parse(line)) })
  const address = await watchPassiveAddress(host, log, resolve, { againMilliseconds: 5, firstWithinMilliseconds })
  onTestFinished(() => address.stop())
  return { address, said }
}

const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })

test('an address is told as it is, and never looked up', async () => {
  const { address } = await watched('203.0.113.5', async () => {
    throw unknown
  })
  expect(address.current()).toBe('203.0.113.5')
})

test('a name is looked up at the start and again, and PASV follows it', async () => {
  let found = ['203.0.113.5']
  const { address, said } = await watched('ftp.example.edu', async () => found)
  const { client } = await given(db, folders, { passive: { minPort: 0, maxPort: 0, address: address.current } })
  const connected = await client()
  expect(await connected.send('PASV')).toMatch(/^227 .*\(203,0,113,5,/)
  found = ['203.0.113.9']
  await vi.waitFor(() => expect(address.current()).toBe('203.0.113.9'))
  expect(await connected.send('PASV')).toMatch(/^227 .*\(203,0,113,9,/)
  expect(await connected.send('EPSV')).toMatch(/^229 /)
  expect(said.map(({ msg }) => msg)).toEqual(['FTP_PASSIVE_HOST: ftp.example.edu is 203.0.113.9 now'])
})

test('of several addresses the one told stays, in whatever order they come', async () => {
  let asked = 0
  const { address } = await watched('ftp.example.edu', async () => {
    asked++
    return asked % 2 === 1 ? ['203.0.113.5', '203.0.113.9'] : ['203.0.113.9', '203.0.113.5']
  })
  await vi.waitFor(() => expect(asked).toBeGreaterThan(3))
  expect(address.current()).toBe('203.0.113.5')
})

test('a name that cannot be looked up is told once, and PASV works with the address of the connection', async () => {
  let found: string[] | null = null
  let asked = 0
  const { address, said } = await watched('ftp.example.edu', async () => {
    asked++
    if (found === null) throw unknown
    return found
  })
  const { client } = await given(db, folders, { passive: { minPort: 0, maxPort: 0, address: address.current } })
  const connected = await client()
  expect(await connected.send('PASV')).toMatch(/^227 .*\(127,0,0,1,/)
  await vi.waitFor(() => expect(asked).toBeGreaterThan(3))
  expect(said).toEqual([
    expect.objectContaining({
      level: 'warn',
      msg: 'FTP_PASSIVE_HOST: ftp.example.edu cannot be looked up; until it can, PASV tells the address of the control connection',
    }),
  ])
  found = ['203.0.113.5']
  await vi.waitFor(() => expect(address.current()).toBe('203.0.113.5'))
  expect(await connected.send('PASV')).toMatch(/^227 .*\(203,0,113,5,/)
  found = null
  await vi.waitFor(() => expect(said).toHaveLength(3))
  expect(said.at(-1)?.msg).toMatch(/PASV tells 203\.0\.113\.5$/)
  expect(address.current()).toBe('203.0.113.5')
})

test('a name with IPv6 addresses alone counts as one that cannot be looked up', async () => {
  const { address, said } = await watched('ftp.example.edu', async () => [])
  expect([address.current(), said.length]).toEqual([null, 1])
})

test('a name server that does not answer does not hold up the start; its late answer counts', async () => {
  const answer = Promise.withResolvers<string[]>()
  const { address, said } = await watched('ftp.example.edu', () => answer.promise, 10)
  expect([address.current(), said.length]).toEqual([null, 1])
  answer.resolve(['203.0.113.5'])
  await vi.waitFor(() => expect(address.current()).toBe('203.0.113.5'))
})

test('the names of this machine are looked up as the system does', async () => {
  expect(await resolveIPv4('localhost')).toContain('127.0.0.1')
  const { address } = await watched('localhost', resolveIPv4)
  expect(address.current()).toBe('127.0.0.1')
})
