import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'basic-ftp'
import { expect, test, vi } from 'vitest'
import { loadTls } from '../../../server/tls.ts'
import { cannotRun } from '../../support/machine/programs.ts'
import { testService } from '../../support/service.ts'
import { anyJson } from '../../support/web.ts'

const NAMES = {
  FTP_PUBLIC_HOST: 'ftp.example.edu',
  FTP_PASSIVE_HOST: 'localhost',
  PUBLIC_URL: 'http://web.example.edu',
}
const service = testService({ ...NAMES, FTP_PUBLIC_PORT: '21', FTPS_PUBLIC_PORT: '990' })

const noCurl = cannotRun('curl', '--version')
const certificateFile = () => join(service.dataDir, 'keys', 'ftp-certificate.pem')

async function account(team: string) {
  await service.makeTeam(team)
  const made = await service.call('POST', `/api/teams/${team}/ftp-accounts`, { username: `${team}-other` })
  return (await anyJson(made)) as { username: string; password: string }
}

test('clients that are given the certificate compare every name that the service is configured with', async () => {
  const { username: user, password } = await account('names')
  const [, port] = service.running().addresses.ftp.split(':')
  const ca = await readFile(certificateFile())
  for (const servername of ['ftp.example.edu', 'web.example.edu', 'localhost', undefined]) {
    const client = new Client()
    // As an FTP client does that is told the name; without one it compares the address.
    const secureOptions = { ca, ...(servername && { servername }), host: servername ?? '127.0.0.1' }
    await client.access({ host: '127.0.0.1', port: Number(port), user, password, secure: true, secureOptions })
    expect(await client.list('/')).toEqual(expect.any(Array))
    client.close()
  }
  const stranger = new Client()
  const secureOptions = { ca, servername: 'elsewhere.example.edu' }
  await expect(
    stranger.access({ host: '127.0.0.1', port: Number(port), user, password, secure: true, secureOptions }),
  ).rejects.toThrow(/altnames/)
  stranger.close()
})

test('curl trusts the file of the certificate, by address and by name', async ({ skip }) => {
  skip(Boolean(noCurl), noCurl)
  const { username, password } = await account('curl')
  const [, port] = service.running().addresses.ftp.split(':')
  const curl = (host: string, ...more: string[]) =>
    promisify(execFile)('curl', [
      ...['--silent', '--show-error', '--ssl-reqd', '--cacert', certificateFile(), '--user', `${username}:${password}`],
      ...['--resolve', `*:${port}:127.0.0.1`, ...more, `ftp://${host}:${port}/`],
    ])
  for (const host of ['127.0.0.1', 'localhost', 'ftp.example.edu']) expect((await curl(host)).stderr).toBe('')
  await expect(curl('elsewhere.example.edu')).rejects.toMatchObject({ code: 60 })
  // PASV instead of EPSV, with the address that it tells.
  expect((await curl('127.0.0.1', '--disable-epsv', '--no-ftp-skip-pasv-ip')).stderr).toBe('')
})

test('the connection instructions name the public host and ports', async () => {
  await service.makeTeam('told')
  const connection = await anyJson(await service.call('GET', '/api/teams/told/connection'))
  expect(connection).toMatchObject({ host: 'ftp.example.edu', ftp: { port: 21, tls: 'required' }, ftpsPort: 990 })
  expect(connection.instructions).toMatch(/^Server +ftp\.example\.edu$/m)
  expect(connection.instructions).toMatch(/FTP with explicit TLS, port 21$/m)
  expect(connection.certificate).toMatchObject({
    subject: 'ftp.example.edu',
    pem: await readFile(certificateFile(), 'utf8'),
  })
})

test('a certificate that another process made anew is in the answers without a restart', async () => {
  await service.makeTeam('renewed')
  const shown = async () =>
    (await anyJson(await service.call('GET', '/api/teams/renewed/connection'))).certificate.fingerprint
  const keysFolder = join(service.dataDir, 'keys')
  const { fingerprint } = await loadTls({ keysFolder, names: ['later.example.edu'] })
  expect(await shown()).not.toBe(fingerprint)
  await vi.waitFor(async () => expect(await shown()).toBe(fingerprint), { timeout: 15_000, interval: 200 })
}, 30_000)
