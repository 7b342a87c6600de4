import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigurationProblem, configurationWarnings, readConfig, VARIABLES } from '../config.ts'

test('without any variable the documented defaults hold', () => {
  expect(readConfig({})).toEqual({
    DATA_DIR: resolve('data'),
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 8080,
    TRUSTED_PROXIES: [],
    PROXY_PROTOCOL_FROM: [],
    WEBHOOK_ALLOW_NETWORKS: [],
    FTP_HOST: '127.0.0.1',
    FTP_PORT: 2121,
    FTP_TLS: 'required',
    FTP_TLS_STRICT_CLOSE: true,
    FTP_ACTIVE: false,
    FTP_PASSIVE_PORTS: { first: 50_000, last: 50_199 },
    FTP_LOGIN_SECONDS: 30,
    FTP_IDLE_SECONDS: 900,
    FTP_STALL_SECONDS: 60,
    FTP_MAX_CONNECTIONS: 10_000,
    FTP_MAX_PER_ADDRESS: 200,
    FTP_MAX_PER_ACCOUNT: 50,
    FTP_BAN_AFTER: 15,
    FTP_BAN_MINUTES: 30,
    SFTP_PORT: 2022,
    MAIL_FROM: 'Rosterport <rosterport@localhost>',
    ADMIN_EMAIL: 'admin@localhost',
    LOG_LEVEL: 'info',
  })
})

describe("the README's table of variables", () => {
  const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const told = [...text.matchAll(/^\| (`[A-Z_`, ]+) \| ([^|]+) \|/gm)].flatMap(([, names = '', defaults = '']) =>
    names.split(', ').map((name, at) => {
      const each = defaults.split(', ')
      return { name: name.replaceAll('`', ''), standard: each[at] ?? (each.at(-1) as string) }
    }),
  )

  test('names each of them once', () => {
    expect(told.map(({ name }) => name).toSorted()).toEqual(VARIABLES.toSorted())
  })

  test('tells the defaults that hold, and where there is none says in words what happens', () => {
    const config: Record<string, unknown> = { ...readConfig({}), DATA_DIR: './data' }
    for (const { name, standard } of told) {
      const [, literal] = /^`([^`]+)`$/.exec(standard) ?? /^(\d+)$/.exec(standard) ?? []
      expect([name, literal]).toEqual([name, written(config[name])])
    }
  })

  /** As it would be set; a default that is empty is told in words. */
  function written(value: unknown): string | undefined {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined
    return typeof value === 'object' ? Object.values(value as object).join('-') : String(value)
  }
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

const hosts: { title: string; env: NodeJS.ProcessEnv; fault: RegExp | null }[] = [
  { title: 'an IPv4 address', env: { FTP_PASSIVE_HOST: '203.0.113.5' }, fault: null },
  { title: 'a name', env: { FTP_PASSIVE_HOST: 'ftp.example.edu' }, fault: null },
  { title: 'a name without a dot', env: { FTP_PASSIVE_HOST: 'localhost' }, fault: null },
  { title: 'an IPv6 address', env: { FTP_PASSIVE_HOST: '2001:db8::1' }, fault: /PASV knows IPv4 only/ },
  { title: 'an IPv6 address in brackets', env: { FTP_PASSIVE_HOST: '[2001:db8::1]' }, fault: /PASV knows IPv4 only/ },
  { title: 'a damaged address', env: { FTP_PASSIVE_HOST: '203.0.113.500' }, fault: /such as ftp\.example\.edu/ },
  { title: 'a name with a port', env: { FTP_PASSIVE_HOST: 'ftp.example.edu:21' }, fault: /such as ftp\.example\.edu/ },
  { title: 'the wildcard address', env: { FTP_PASSIVE_HOST: '0.0.0.0' }, fault: /that clients can reach/ },
  { title: 'a public name', env: { FTP_PUBLIC_HOST: 'ftp.example.edu' }, fault: null },
  { title: 'a public IPv6 address', env: { FTP_PUBLIC_HOST: '[2001:db8::1]' }, fault: null },
  { title: 'a public URL', env: { FTP_PUBLIC_HOST: 'ftp://ftp.example.edu' }, fault: /without a port/ },
  { title: 'a public port 0', env: { FTP_PUBLIC_PORT: '0' }, fault: /1 to 65535/ },
]
for (const { title, env, fault } of hosts)
  test(`what clients are told: ${title} is ${fault ? 'refused' : 'taken'}`, () => {
    const [name = ''] = Object.keys(env)
    if (fault === null) expect(readConfig(env)).toHaveProperty(name)
    else {
      expect(() => readConfig(env)).toThrow(fault)
      expect(() => readConfig(env)).toThrow(name)
    }
  })

/** `nearest` is the known name that has to be told, if any is near; `kind` is null where nothing is said. */
const unknown: { name: string; kind: 'fault' | 'warning' | null; nearest?: string }[] = [
  { name: 'FTP_PASIVE_PORTS', kind: 'fault', nearest: 'FTP_PASSIVE_PORTS' },
  { name: 'FTP_FOO', kind: 'fault' },
  { name: 'FTP_MAXIMUM_OF_CLIENTS', kind: 'fault' },
  { name: 'FTP_TLS_CA', kind: 'fault', nearest: 'FTP_TLS' },
  { name: 'FTP_TLS_CA_FILE', kind: 'fault', nearest: 'FTP_TLS_FILE' },
  { name: 'HTTP_TIMEOUT_FILE', kind: 'warning' },
  { name: 'FTPS_TLS_CERT', kind: 'fault', nearest: 'FTP_TLS_CERT' },
  { name: 'SFTP_PROT', kind: 'fault', nearest: 'SFTP_PORT' },
  { name: 'FTP_TLS_KEY_FLIE', kind: 'fault', nearest: 'FTP_TLS_KEY_FILE' },
  { name: 'HTTP_PROT', kind: 'fault', nearest: 'HTTP_PORT' },
  { name: 'SMTP_URI', kind: 'fault', nearest: 'SMTP_URL' },
  { name: 'ADMIN_MAIL', kind: 'fault', nearest: 'ADMIN_EMAIL' },
  { name: 'SMTP_HOST', kind: 'warning', nearest: 'SMTP_URL' },
  { name: 'SMPT_URL', kind: 'warning', nearest: 'SMTP_URL' },
  { name: 'HTPP_PORT', kind: 'warning', nearest: 'HTTP_PORT' },
  { name: 'DATABSE_URL', kind: 'warning', nearest: 'DATABASE_URL' },
  { name: 'DATABASE_URL_FIEL', kind: 'warning', nearest: 'DATABASE_URL_FILE' },
  { name: 'DATADIR', kind: 'warning', nearest: 'DATA_DIR' },
  { name: 'ftp_port', kind: 'warning', nearest: 'FTP_PORT' },
  { name: 'FTP_PASSWORD', kind: 'warning' },
  { name: 'HTTP_PROXY', kind: null },
  { name: 'HTTPS_PROXY', kind: null },
  { name: 'FTP_PROXY', kind: null },
  { name: 'NO_PROXY', kind: null },
  { name: 'http_proxy', kind: null },
  { name: 'ROSTERPORT_SERVICE_HOST', kind: null },
  { name: 'FTP_SERVICE_PORT_CONTROL', kind: null },
  { name: 'FTP_PORT_2121_TCP', kind: null },
  { name: 'FTP_PORT_2121_TCP_ADDR', kind: null },
  { name: 'HOME', kind: null },
  { name: 'PATH', kind: null },
  { name: 'LOG_FORMAT', kind: null },
  { name: 'PORT', kind: null },
]
for (const { name, kind, nearest } of unknown)
  test(`${name} is ${kind ? `a ${kind} that names ${nearest ?? 'no other'}` : 'left alone'}`, () => {
    const env = { [name]: 'x' }
    const hint = nearest ? `(?:; the nearest is ${nearest}\\.|: did you mean ${nearest}\\?)` : '\\.'
    const said = new RegExp(`^${name} is not a variable of this program${hint}$`)
    expect(configurationWarnings(env)).toEqual(kind === 'warning' ? [expect.stringMatching(said)] : [])
    if (kind !== 'fault') expect(readConfig(env)).toEqual(readConfig({}))
    else expect(() => readConfig(env)).toThrow(new RegExp(said.source.slice(1), 'm'))
  })

test('an unknown variable that is empty, or that resembles one that is set, is left alone', () => {
  expect(readConfig({ FTP_FOO: '' })).toEqual(readConfig({}))
  expect(configurationWarnings({ NTP_PORT: '123', FTP_PORT: '2121' })).toEqual([])
})

test('what Kubernetes sets for a service called ftp is not our port', () => {
  const link = { FTP_PORT: 'tcp://10.96.0.7:2121', FTP_SERVICE_HOST: '10.96.0.7' }
  expect(readConfig(link).FTP_PORT).toBe(2121)
  expect(() => readConfig({ FTP_PORT: 'tcp://10.96.0.7:2121' })).toThrow('FTP_PORT must be a port number')
})
