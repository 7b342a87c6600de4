import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { readConfig } from '../../config.ts'
import { createLog, type Log } from '../../log.ts'
import { forEachWindow, localDate } from '../../model/daily-windows.ts'
import type { ImportSettingsBody } from '../../model/import-settings.ts'
import { isFinished, type Run } from '../../model/run.ts'
import { type Service, startService } from '../../start/service.ts'
import { firstOwner } from '../../store/people/administrators.ts'
import { createToken } from '../../store/people/tokens.ts'
import { newSecret, secretHash } from '../../web/http/sessions/session-cookie.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type Mailbox, startMailbox } from './mailbox.ts'
import { anyJson } from './web.ts'

export const SETTINGS: ImportSettingsBody = {
  file: {
    path: '/cadence/imports' as ImportSettingsBody['file']['path'],
    namePrefix: 'StudentData',
    select: 'most_recent',
    delimiter: 'comma',
    encoding: 'auto',
    afterImport: { action: 'move', path: '/cadence/archive' as ImportSettingsBody['file']['path'] },
  },
  schedule: { ...forEachWindow(false), overnight: true },
  pauses: [],
  notificationEmails: 'registrar@example.edu, it@example.edu',
  notifyOn: 'always',
  webhook: null,
  results: null,
  silenceHours: 26,
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
  optOut: { column: 'OptOut', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  aliases: {},
  additionalFields: [{ name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}

/**
 * The suffix that After Import adds to file names of this run: the date by the database's clock, which no test sets, in
 * the time zone of the test's teams.
 */
export function importDate(run: Run): string {
  return localDate(new Date(run.batches[0]?.finishedAt ?? Number.NaN), 'America/New_York')
}

/** The whole service on real sockets, with a database and a mailbox of its own and a clock that the test sets. */
export interface TestService {
  readonly database: TestDatabase
  readonly mailbox: Mailbox
  readonly dataDir: string
  readonly clock: { now: Date }
  running(): Service
  stop(): Promise<void>
  start(): Promise<void>
  /** Another process on the same database and files, until the test has ended. */
  beside(): Promise<Pick<TestService, 'running' | 'call'>>
  /** Calls the API with a token of the owner. */
  call(method: string, path: string, body?: unknown): Promise<Response>
  /** As `call`, with a session of the owner that has just begun: no token makes tokens, people or links. */
  asOwner(method: string, path: string, body?: unknown): Promise<Response>
  /** A team with settings and an FTP account. */
  makeTeam(team: string, settings?: Partial<ImportSettingsBody>): Promise<TestTeam>
  /** As the team's own upload, by an account that the test made. */
  uploadAs(user: string, password: string, path: string, content: string): Promise<string>
  /** Presses Run Import and waits for the end of the run. */
  runImport(team: string): Promise<Run>
  finishedRun(runId: string): Promise<Run>
}

export interface TestTeam {
  readonly team: string
  /** The folder of its virtual root on the disk. */
  readonly root: string
  /** Uploads over FTPS as a finished client does; answers the closing reply. */
  upload(path: string, content: string | Buffer): Promise<string>
  /** Uploads one file after another in one session. */
  uploadAll(files: readonly [path: string, content: string | Buffer][]): Promise<void>
}

/** `env` says what is different from a service without SFTP. */
export function testService(env: NodeJS.ProcessEnv = {}, log: Log = createLog('silent')): TestService {
  const database = testDatabase()
  const clock = { now: new Date('2026-11-22T15:00:00Z') }
  const token = newSecret()
  let mailbox: Mailbox
  let dataDir: string
  let service: Service

  const launch = async () => {
    const config = readConfig({
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      HTTP_PORT: '0',
      FTP_PORT: '0',
      FTPS_PORT: '0',
      SFTP_PORT: '',
      ...env,
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Rosterport <rosterport@example.edu>',
      ADMIN_PASSWORD: 'correct horse battery',
    })
    return startService(config, log, () => clock.now)
  }
  const start = async () => {
    service = await launch()
  }
  const callOf = (running: () => Service) => (method: string, path: string, body?: unknown) =>
    fetch(`http://${running().addresses.http}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const call = callOf(() => service)
  const asOwner = async (method: string, path: string, body?: unknown) => {
    const origin = `http://${service.addresses.http}`
    const owner = { email: 'admin@localhost', password: 'correct horse battery' }
    const entered = await fetch(`${origin}/api/session`, { method: 'POST', body: JSON.stringify(owner) })
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    return fetch(`${origin}${path}`, { method, headers: { cookie, origin }, body: JSON.stringify(body) })
  }
  const expectStatus = async (answer: Promise<Response>, status: number) => {
    const response = await answer
    if (response.status !== status) throw new Error(`${response.status}: ${await response.text()}`)
    return response
  }
  const finishedRun = async (runId: string): Promise<Run> => {
    for (;;) {
      const run: Run = await anyJson(await call('GET', `/api/runs/${runId}`))
      if (isFinished(run.state)) return run
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  beforeAll(async () => {
    mailbox = await startMailbox()
    dataDir = await mkdtemp(join(tmpdir(), 'rosterport-service-'))
    await start()
    const owner = await firstOwner(service.db)
    const made = {
      name: 'test',
      tokenHash: secretHash(token),
      teamId: null,
      access: 'full',
      administratorId: owner.id,
    } as const
    await createToken(service.db, made)
  })
  afterAll(async () => {
    await service?.stop()
    await mailbox?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  return {
    database,
    get mailbox() {
      return mailbox
    },
    get dataDir() {
      return dataDir
    },
    clock,
    running: () => service,
    stop: () => service.stop(),
    start,
    async beside() {
      const other = await launch()
      onTestFinished(() => other.stop())
      return { running: () => other, call: callOf(() => other) }
    },
    call,
    asOwner,
    finishedRun,
    uploadAs: (user, password, path, content) =>
      session(service.addresses.ftp, user, password, (client) => upload(client, path, content)),
    async makeTeam(team, settings = {}) {
      await expectStatus(call('POST', '/api/teams', { team, name: 'Admissions', timeZone: 'America/New_York' }), 201)
      await expectStatus(
        call('PUT', `/api/teams/${team}/import-settings`, { ...SETTINGS, ...settings, version: 0 }),
        200,
      )
      const username = `${team}-sis`
      const account = await expectStatus(call('POST', `/api/teams/${team}/ftp-accounts`, { username }), 201)
      const { password } = await anyJson(account)
      const inSession = <T>(work: (client: Client) => Promise<T>) =>
        session(service.addresses.ftp, username, password, work)
      return {
        team,
        root: join(dataDir, 'teams', team),
        upload: (path, content) => inSession((client) => upload(client, path, content)),
        uploadAll: (files) =>
          inSession(async (client) => {
            for (const [path, content] of files) await upload(client, path, content)
          }),
      }
    },
    async runImport(team) {
      const { runId } = await anyJson(await expectStatus(call('POST', '/run-import', { team }), 202))
      return finishedRun(runId)
    },
  }
}

async function upload(client: Client, path: string, content: string | Buffer): Promise<string> {
  const { message } = await client.uploadFrom(Readable.from([content]), path)
  return message
}

/** Does `work` over FTPS and takes leave as a finished client does. */
async function session<T>(
  address: string,
  user: string,
  password: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client()
  try {
    const [host = '', port] = address.split(':')
    const secureOptions = { rejectUnauthorized: false }
    await client.access({ host, port: Number(port), user, password, secure: true, secureOptions })
    const result = await work(client)
    await client.send('QUIT')
    return result
  } finally {
    client.close()
  }
}
