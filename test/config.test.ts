import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigurationProblem, readConfig } from '../config.ts'

test('without any variable the documented defaults hold', () => {
  expect(readConfig({})).toMatchObject({
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 8080,
    FTP_PORT: 2121,
    FTP_TLS: 'required',
    FTP_TLS_STRICT_CLOSE: true,
    FTP_ACTIVE: false,
    FTP_PASSIVE_PORTS: { first: 50_000, last: 50_199 },
    SFTP_PORT: 2022,
    ADMIN_EMAIL: 'admin@localhost',
    LOG_LEVEL: 'info',
  })
  expect(readConfig({}).FTPS_PORT).toBeUndefined()
})

test('every fault is reported at once, each with its variable and what to do', () => {
  const read = () =>
    readConfig({
      HTTP_PORT: 'eighty',
      FTP_TLS: 'maybe',
      FTP_PASSIVE_PORTS: '60000-50000',
      DATABASE_URL: 'mysql://db',
      HTTP_TLS_CERT: '/cert.pem',
    })
  expect(read).toThrow(ConfigurationProblem)
  try {
    read()
  } catch (error) {
    expect((error as ConfigurationProblem).faults).toEqual([
      'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.',
      'HTTP_PORT must be a port number.',
      'FTP_TLS must be required, optional or off.',
      'FTP_PASSIVE_PORTS must be a range within 1024-65535.',
      'HTTP_TLS_CERT and HTTP_TLS_KEY belong together: set both or neither.',
    ])
  }
})

describe('a variable may be given as a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rosterport-config-'))

  test('whose content, without the final line break, is the value', () => {
    const file = join(folder, 'smtp')
    writeFileSync(file, 'smtp://mail.example.edu:25\n')
    expect(readConfig({ SMTP_URL_FILE: file }).SMTP_URL).toBe('smtp://mail.example.edu:25')
  })

  test('but not as both', () => {
    expect(() => readConfig({ LOG_LEVEL: 'info', LOG_LEVEL_FILE: '/x' })).toThrow(
      'LOG_LEVEL and LOG_LEVEL_FILE are both set',
    )
  })

  test('and one that cannot be read is named', () => {
    const file = join(folder, 'absent')
    expect(() => readConfig({ SMTP_URL_FILE: file })).toThrow(
      `SMTP_URL_FILE names "${file}", which cannot be read (ENOENT)`,
    )
  })
})

const cases: {
  title: string
  env: NodeJS.ProcessEnv
  read: (config: ReturnType<typeof readConfig>) => unknown
  value: unknown
}[] = [
  { title: 'an empty variable counts as unset', env: { FTPS_PORT: '' }, read: (c) => c.FTPS_PORT, value: undefined },
  { title: 'an empty SFTP_PORT switches SFTP off', env: { SFTP_PORT: '' }, read: (c) => c.SFTP_PORT, value: null },
  { title: 'port 0 takes a free port', env: { HTTP_PORT: '0' }, read: (c) => c.HTTP_PORT, value: 0 },
  {
    title: 'trusted proxies are a list of networks',
    env: { TRUSTED_PROXIES: '10.0.0.0/8, ::1' },
    read: (c) => c.TRUSTED_PROXIES,
    value: ['10.0.0.0/8', '::1'],
  },
]
for (const { title, env, read, value } of cases) test(title, () => expect(read(readConfig(env))).toEqual(value))
