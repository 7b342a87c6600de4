import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'basic-ftp'
import { sql } from 'kysely'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { openKeys } from '../../files/keys.ts'
import { createLog } from '../../log.ts'
import type { ImportSettingsBody } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { pathIn, teamPath } from '../../model/team-path.ts'
import { createFtpAccount } from '../../store/accounts.ts'
import { firstOwner } from '../../store/administrators.ts'
import { type DatabasePool, openDatabase } from '../../store/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../store/embedded-postgres.ts'
import { saveSettings } from '../../store/settings.ts'
import { sendSignal } from '../../store/signals.ts'
import { createTeam } from '../../store/teams.ts'
import { createToken } from '../../store/tokens.ts'
import { type StartedUpload, uploadReady, uploadStarted, uploadUnconfirmed } from '../../store/uploads.ts'
import { newSecret, secretHash } from '../../web/session.ts'
import { MailSink } from './mail-sink.ts'
import { PostgresProxy } from './postgres-proxy.ts'
import { line, type RosterFile, statesAfter } from './roster.ts'
import { ServiceProcess } from './service-process.ts'

export const RECIPIENTS = ['registrar@example.edu', 'it@example.edu', 'dean@example.edu']
const IMPORTS = teamPath('/cadence/imports')
const SETTINGS: ImportSettingsBody = {
  file: {
    path: IMPORTS,
    namePrefix: 'StudentData',
    select: 'all_matching',
    delimiter: 'comma',
    encoding: 'auto',
    afterImport: { action: 'move', path: teamPath('/cadence/archive') },
  },
  schedule: { overnight: false, morning: false, afternoon: false, evening: false },
  notificationEmails: RECIPIENTS.join(', '),
  notifyOn: 'always',
  silenceHours: 26,
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
  optOut: { column: 'OptOut', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  additionalFields: [{ name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}
const QUIET_WITHIN_MS = 60_000

/** A team whose import is disturbed, with everything that was seen of it. */
export interface Subject {
  team: Team
  files: RosterFile[]
  /** The files in the order of their receipt, for the model of the contacts. */
  states: Set<string>
  /** What the contacts must be in the end. */
  end: string
  uploads: string[]
  watched: { stop: () => Promise<string[]> }
}

/** One PostgreSQL, a proxy before it, a mail server, and the service as a process that may die at any time. */
export class World {
  readonly mail = new MailSink()
  proxy!: PostgresProxy
  direct!: DatabasePool
  service!: ServiceProcess
  folder = ''
  #postgres!: EmbeddedPostgres
  #socketFolder = ''
  readonly #token = newSecret()
  #teams = 0

  async open(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'rf-'))
    this.#postgres = await startEmbeddedPostgres(join(this.folder, 'postgres'), createLog('silent'))
    const { address } = this.#postgres
    if (!('socketFolder' in address)) throw new Error('the embedded PostgreSQL listens on a socket')
    this.direct = openDatabase(address, createLog('silent'))
    this.#socketFolder = join(this.folder, 'p')
    await mkdir(this.#socketFolder)
    this.proxy = new PostgresProxy(join(address.socketFolder, '.s.PGSQL.5432'))
    await this.proxy.listen(join(this.#socketFolder, '.s.PGSQL.5432'))
    await this.mail.listen()
    await this.start()
    const owner = await firstOwner(this.direct.db)
    await createToken(this.direct.db, {
      name: 'faults',
      tokenHash: secretHash(this.#token),
      teamId: null,
      access: 'full',
      administratorId: owner.id,
    })
  }

  async close(): Promise<void> {
    await this.service.end('SIGKILL')
    await this.proxy.close()
    await this.mail.close()
    await this.direct.close()
    await this.#postgres.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  newProcess(more: NodeJS.ProcessEnv = {}): ServiceProcess {
    return new ServiceProcess({
      DATABASE_URL: `postgres://localhost/postgres?host=${encodeURIComponent(this.#socketFolder)}&user=postgres`,
      DATA_DIR: join(this.folder, 'data'),
      SMTP_URL: this.mail.url,
      MAIL_FROM: 'Rosterport <rosterport@example.edu>',
      ADMIN_PASSWORD: 'correct horse battery',
      FTP_PASSIVE_PORTS: '20000-40000',
      ...more,
    })
  }

  async start(more: NodeJS.ProcessEnv = {}): Promise<void> {
    this.service = this.newProcess(more)
    await this.service.ready()
  }

  /** Starts the service again if it has died. */
  async revive(): Promise<void> {
    if (!this.service.alive) await this.start()
  }

  /** Stops PostgreSQL as an operator or a crash does, and starts it again. */
  async restartPostgres(how: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const data = join(this.folder, 'postgres/cluster')
    const [pid = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), how)
    for (;;) {
      const there = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
      if (there === '') break
      await sleep(20)
    }
    this.#postgres = await startEmbeddedPostgres(join(this.folder, 'postgres'), createLog('silent'))
  }

  /** A team that has its files uploaded, and is watched from now on. */
  async subject(
    files: RosterFile[],
    { settings = {}, upload = true }: { settings?: Partial<ImportSettingsBody>; upload?: boolean } = {},
  ): Promise<Subject> {
    const { db } = this.direct
    const slug = `t${++this.#teams}-${Date.now().toString(36)}`
    const team = await createTeam(db, { team: slug, name: 'Admissions', timeZone: 'America/New_York' })
    if (!team) throw new Error('the name of a team is taken')
    await saveSettings(db, team.id, 0, { ...SETTINGS, ...settings }, 'faults')
    const area = diskFileArea(this.rootOf(team))
    await area.makeFolder(IMPORTS)
    const states = statesAfter(files)
    const subject: Subject = {
      team,
      files,
      states: new Set(states),
      end: states.at(-1) as string,
      uploads: [],
      watched: this.#watch(team),
    }
    if (upload) for (const file of files) subject.uploads.push(await this.upload(team, file))
    return subject
  }

  rootOf(team: Team): string {
    return join(this.folder, 'data/teams', team.team)
  }

  /** The mail server is away until `up`. */
  async mailDown(): Promise<{ up: (port: number) => Promise<void> }> {
    await this.mail.close()
    return { up: (port) => this.mail.listen(port) }
  }

  /** Puts a file in its place by the very steps of an endpoint. */
  async upload(team: Team, { name, text }: Pick<RosterFile, 'name' | 'text'>): Promise<string> {
    const { db } = this.direct
    const path = pathIn(IMPORTS, name)
    const pending = await diskFileArea(this.rootOf(team)).receive()
    const upload: StartedUpload = {
      id: randomUUID(),
      teamId: team.id,
      path,
      source: 'ftp',
      account: null,
      address: null,
      temporaryName: pending.temporaryName,
    }
    await uploadStarted(db, upload)
    await pending.write(Buffer.from(text))
    const identity = await pending.seal()
    await uploadUnconfirmed(db, upload, {
      receivedAt: new Date(),
      bytes: pending.bytes,
      sha256: createHash('sha256').update(text).digest('hex'),
      identity,
    })
    await uploadReady(db, { ...upload, identity }, async () => {
      await pending.publish(path)
      return undefined
    })
    return upload.id
  }

  /** A login over FTPS; it uploads one file and answers whether the service said that it has it. */
  async ftpClient(team: Team): Promise<(file: RosterFile) => Promise<boolean>> {
    const { secret } = await openKeys(join(this.folder, 'data/keys'))
    const account = await createFtpAccount(this.direct.db, secret, team.id, { username: `${team.team}-sis` })
    if (!account.ok) throw new Error('the name of an account is taken')
    return async ({ name, text }) => {
      const client = new Client(5_000)
      try {
        const [host = '', port] = this.service.ftp.split(':')
        const secureOptions = { rejectUnauthorized: false }
        const { password } = account
        await client.access({
          host,
          port: Number(port),
          user: account.account.username,
          password,
          secure: true,
          secureOptions,
        })
        await client.uploadFrom(Readable.from([text]), `/cadence/imports/${name}`)
        await client.send('NOOP').catch(() => {})
        return true
      } catch {
        return false
      } finally {
        client.close()
      }
    }
  }

  call(method: string, path: string, body?: unknown, service = this.service): Promise<Response> {
    return fetch(`http://${service.http}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(20_000),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  /** Presses Run Import. A press that was lost is no error: whoever pressed sees no run, and presses again. */
  async press(team: Team, service = this.service): Promise<{ status: number; runId: string | null }> {
    try {
      const response = await this.call('POST', '/run-import', { team: team.team }, service)
      const answer = (await response.json()) as { runId?: string }
      return { status: response.status, runId: answer.runId ?? null }
    } catch {
      return { status: 0, runId: null }
    }
  }

  /** Waits until every run of the team has ended and every mail is out; mails need not wait for their next try. */
  async quiet({ team }: Subject): Promise<void> {
    const { db } = this.direct
    const until = Date.now() + QUIET_WITHIN_MS
    for (;;) {
      await this.revive()
      const { rows } = await sql<{ runs: number; files: number; mails: number }>`select
        (select count(*) from run where team_id = ${team.id} and state in ('queued', 'running')) as runs,
        (select count(*) from batch where team_id = ${team.id} and after_state = 'pending') as files,
        (select count(*) from mail where team_id = ${team.id} and state in ('waiting', 'queued')) as mails`.execute(db)
      const [left] = rows
      if (left && left.runs + left.files + left.mails === 0) return
      if (Date.now() > until) throw new Error(`still not quiet: ${JSON.stringify(left)}`)
      if (left?.runs === 0 && left.mails > 0) {
        await sql`update mail set next_attempt_at = now() where team_id = ${team.id} and state = 'queued'
          and next_attempt_at > now() + interval '2 seconds'`.execute(db)
        await sendSignal(db, { kind: 'mail_queued' })
      }
      if (left && left.runs > 0) await sendSignal(db, { kind: 'run_queued' })
      await sleep(50)
    }
  }

  /** Reads the contacts again and again, as another system does. */
  #watch(team: Team): Subject['watched'] {
    const seen = new Set<string>()
    let stopped = false
    const watching = (async () => {
      while (!stopped) {
        await this.contacts(team).then(
          (state) => seen.add(state),
          // PostgreSQL is away for a moment; a reader tries again.
          () => {},
        )
        await sleep(20)
      }
    })()
    return {
      stop: async () => {
        stopped = true
        await watching
        return [...seen]
      },
    }
  }

  async contacts(team: Team): Promise<string> {
    const { rows } = await this.direct.pool.query(
      `select contact_id, last_name, mobile_number, opted_out from contact_list where team = $1 order by contact_id collate "C"`,
      [team.team],
    )
    return rows
      .map(({ contact_id, last_name, mobile_number, opted_out }) =>
        line(contact_id, last_name, mobile_number, opted_out),
      )
      .join('\n')
  }

  async filesOf(team: Team): Promise<{ imports: string[]; archive: string[]; hidden: string[] }> {
    const names = (folder: string) => readdir(join(this.rootOf(team), folder)).catch(() => [])
    return {
      imports: await names('cadence/imports'),
      archive: await names('cadence/archive'),
      hidden: await names('.rosterport'),
    }
  }
}
