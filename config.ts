import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { readTlsFilesSync, type TlsFiles, TlsFilesProblem } from './files/tls-files.ts'
import { isServiceLink, unknownVariables } from './start/environment/unknown-variables.ts'
import {
  flag,
  network,
  passiveHost,
  passivePorts,
  port,
  publicHost,
  publicPort,
  url,
  wholeNumber,
} from './start/environment/values.ts'
import { chosenPassword } from './web/sign-in/chosen-password.ts'

/** The exit code of a fault in the configuration: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIGURATION = 78

/** Every fault of the environment at once, one line each. */
export class ConfigurationProblem extends Error {
  override readonly name = 'ConfigurationProblem'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.join('\n')}`)
    this.faults = faults
  }
}

/** Under the same rules as every password that a person chooses. */
const ownPassword = z.string().superRefine((text, context) => {
  for (const { message } of chosenPassword.safeParse(text).error?.issues ?? [])
    context.addIssue(`is refused: ${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, '')}`)
})

/** Each variable with its default, as the README lists them. */
const environment = z.object({
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  DATA_DIR: z.string().default('./data'),
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: port.default(8080),
  PUBLIC_URL: url('http', 'https').optional(),
  HTTP_TLS_CERT: z.string().optional(),
  HTTP_TLS_KEY: z.string().optional(),
  TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(network))
    .default([]),
  PROXY_PROTOCOL_FROM: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(network))
    .default([]),
  WEBHOOK_ALLOW_NETWORKS: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(network))
    .default([]),
  FTP_HOST: z.string().default('127.0.0.1'),
  FTP_PORT: port.default(2121),
  FTP_TLS: z.enum(['required', 'optional', 'off'], 'must be required, optional or off').default('required'),
  FTPS_PORT: port.optional(),
  FTP_TLS_CERT: z.string().optional(),
  FTP_TLS_KEY: z.string().optional(),
  FTP_TLS_STRICT_CLOSE: flag.default(true),
  FTP_ACTIVE: flag.default(false),
  FTP_PASSIVE_PORTS: passivePorts.default({ first: 50_000, last: 50_199 }),
  FTP_PASSIVE_HOST: passiveHost.optional(),
  FTP_PUBLIC_HOST: publicHost.optional(),
  FTP_PUBLIC_PORT: publicPort.optional(),
  FTPS_PUBLIC_PORT: publicPort.optional(),
  SFTP_PUBLIC_PORT: publicPort.optional(),
  FTP_LOGIN_SECONDS: wholeNumber(1, 3600).default(30),
  FTP_IDLE_SECONDS: wholeNumber(1, 86_400).default(900),
  FTP_STALL_SECONDS: wholeNumber(1, 86_400).default(60),
  FTP_MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(10_000),
  FTP_MAX_PER_ADDRESS: wholeNumber(1, 1_000_000).default(200),
  FTP_MAX_PER_ACCOUNT: wholeNumber(1, 1_000_000).default(50),
  FTP_BAN_AFTER: wholeNumber(1, 1_000_000).default(15),
  FTP_BAN_MINUTES: wholeNumber(1, 100_000).default(30),
  SFTP_PORT: z.union([z.literal('').transform(() => null), port]).default(2022),
  SMTP_URL: url('smtp', 'smtps').optional(),
  MAIL_FROM: z.string().default('Rosterport <rosterport@localhost>'),
  ADMIN_EMAIL: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address')
    .default('admin@localhost'),
  ADMIN_PASSWORD: ownPassword.optional(),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
})

export type Config = ReturnType<typeof readConfig>

type Variable = keyof z.input<typeof environment>
export const VARIABLES = Object.keys(environment.shape) as Variable[]
const KNOWN_NAMES = VARIABLES.flatMap((name) => [name, `${name}_FILE`])

/** An empty variable counts as unset, as compose files write it; only the SFTP port is switched off that way. */
const EMPTY_HAS_MEANING: readonly Variable[] = ['SFTP_PORT']

/**
 * Reads the environment once, `X_FILE` standing in for `X`, and checks the files of TLS that it names. Throws
 * `ConfigurationProblem` with every fault.
 */
export function readConfig(env: NodeJS.ProcessEnv, now = new Date()) {
  const { faults } = unknownVariables(env, KNOWN_NAMES)
  const given: Partial<Record<Variable, string>> = {}
  for (const name of VARIABLES) {
    const value = readVariable(env, name, faults)
    if (value !== undefined && (value !== '' || EMPTY_HAS_MEANING.includes(name))) given[name] = value
  }
  const parsed = environment.safeParse(given)
  if (!parsed.success)
    for (const issue of parsed.error.issues) faults.push(`${issue.path[0] as string} ${issue.message}.`)
  checkPair(given, 'HTTP_TLS_CERT', 'HTTP_TLS_KEY', now, faults)
  checkPair(given, 'FTP_TLS_CERT', 'FTP_TLS_KEY', now, faults)
  if (parsed.success && parsed.data.FTP_TLS === 'off' && parsed.data.FTPS_PORT !== undefined)
    faults.push('FTPS_PORT is set but FTP_TLS is off: leave FTPS_PORT empty, or allow TLS.')
  if (faults.length > 0 || !parsed.success) throw new ConfigurationProblem(faults)
  const values = parsed.data
  const dataDir = resolve(values.DATA_DIR)
  return { ...values, DATA_DIR: dataDir }
}

/** What a start should say about the environment, though it can go on. */
export function configurationWarnings(env: NodeJS.ProcessEnv): string[] {
  return unknownVariables(env, KNOWN_NAMES).warnings
}

function readVariable(env: NodeJS.ProcessEnv, name: Variable, faults: string[]): string | undefined {
  const direct = isServiceLink(env, name) ? undefined : env[name]
  const file = env[`${name}_FILE`]
  if (file === undefined || file === '') return direct
  if (direct !== undefined && direct !== '') {
    faults.push(`${name} and ${name}_FILE are both set: keep one.`)
    return undefined
  }
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch (error) {
    faults.push(`${name}_FILE names "${file}", which cannot be read (${(error as NodeJS.ErrnoException).code}).`)
    return undefined
  }
}

function checkPair(
  given: Partial<Record<Variable, string>>,
  cert: Variable,
  key: Variable,
  now: Date,
  faults: string[],
): void {
  const files = tlsFiles(given, cert, key)
  if (files === null) {
    if (given[cert] !== undefined || given[key] !== undefined)
      faults.push(`${cert} and ${key} belong together: set both or neither.`)
    return
  }
  try {
    readTlsFilesSync(files, now)
  } catch (error) {
    if (!(error instanceof TlsFilesProblem)) throw error
    faults.push(...error.faults)
  }
}

/** A certificate and its key, where both are set. */
export function tlsFiles(given: Partial<Record<Variable, unknown>>, cert: Variable, key: Variable): TlsFiles | null {
  if (given[cert] === undefined || given[key] === undefined) return null
  return { cert: { variable: cert, path: String(given[cert]) }, key: { variable: key, path: String(given[key]) } }
}
