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
import { type Signal, Signals, sendSignal } from '../../store/signals.ts'
import { createTeam, removeTeam } from '../../store/teams.ts'
import { createToken } from '../../store/tokens.ts'
import { fileArrived } from '../../store/uploads/files.ts'
import { uploadReady } from '../../store/uploads/ready.ts'
import { type StartedUpload, uploadStarted, uploadUnconfirmed } from '../../store/uploads/received.ts'
import { newSecret, secretHash } from '../../web/session.ts'
import { MailSink } from './mail-sink.ts'
import { PostgresProxy } from './postgres-proxy.ts'
import { line, type RosterFile, statesAfter } from './roster.ts'
import { ServiceProcess } from './service-process.ts'
import { SmallDisk } from './small-disk.ts'

export const RECIPIENTS = ['registrar@example.edu', 'it@example.edu', 'dean@example.edu']
export const IMPORTS = teamPath('/cadence/imports')
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
/** Longer than any machine is busy without a sign. */
const QUIET_WITHIN_MS = 600_000

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
  /** Leads past the proxy. */
  directUrl = ''
  #postgres!: EmbeddedPostgres
  #socketFolder = ''
  readonly #token = newSecret()
  #teams = 0
  #subjects: Team[] = []
  #afterwards: (() => Promise<unknown>)[] = []
  /** What a point had to tell, whatever came of it. */
  said: string[] = []
  /** Whether the fault of a point never came. */
  wasMissed = false
  readonly takeovers: { seconds: number; withinS: number }[] = []
  postgresDisk: SmallDisk | null = null

  async open({ postgresDisk }: { postgresDisk?: number } = {}): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'rf-'))
    if (postgresDisk) this.postgresDisk = await SmallDisk.on(join(this.folder, 'postgres'), { bytes: postgresDisk })
    this.#postgres = await startEmbeddedPostgres(join(this.folder, 'postgres'), createLog('silent'))
    const { address } = this.#postgres
    if (!('socketFolder' in address)) throw new Error('the embedded PostgreSQL listens on a socket')
    // Under a name of its own: it is no process of the service.
    this.direct = openDatabase(address, createLog('silent'), { processName: 'faults' })
    this.directUrl = urlOf(address.socketFolder)
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
    for (const undo of this.#afterwards.splice(0).reverse()) await undo().catch(() => {})
    await this.service.end('SIGKILL')
    await this.proxy.close()
    await this.mail.close()
    await this.direct.close()
    await this.#postgres.stop()
    await this.postgresDisk?.remove()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Makes everything ready for the next point, whatever the last one left. */
  async reset(): Promise<void> {
    this.proxy.arm(null)
    this.mail.fault = null
    this.mail.refused.clear()
    this.mail.deferred.clear()
    this.mail.mails.splice(0)
    for (const undo of this.#afterwards.splice(0).reverse()) await undo()
    await this.revive()
    // Others of its own would be looked at too, and counted.
    for (const { id } of this.#subjects.splice(0)) await removeTeam(this.direct.db, id)
    this.said = []
    this.wasMissed = false
  }

  /** Done before the next point, also when this one fails. */
  afterwards(undo: () => Promise<unknown>): void {
    this.#afterwards.push(undo)
  }

  say(what: string): void {
    this.said.push(what)
  }

  /** The fault of this point never came: there is nothing that could have gone wrong. */
  missed(): void {
    this.wasMissed = true
  }

  newProcess(more: NodeJS.ProcessEnv = {}): ServiceProcess {
    const process = new ServiceProcess({
      DATABASE_URL: urlOf(this.#socketFolder),
      DATA_DIR: join(this.folder, 'data'),
      SMTP_URL: this.mail.url,
      MAIL_FROM: 'Rosterport <rosterport@example.edu>',
      ADMIN_PASSWORD: 'correct horse battery',
      FTP_PASSIVE_PORTS: '20000-40000',
      ...more,
    })
    this.#afterwards.push(async () => process !== this.service && process.end('SIGKILL'))
    return process
  }

  async start(more: NodeJS.ProcessEnv = {}): Promise<void> {
    this.service = this.newProcess(more)
    await this.service.ready()
  }

  async restart(more: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.service.end()
    await this.start(more)
  }

  /** Starts the service again if it has died. */
  async revive(): Promise<void> {
    if (this.service.dying) await this.service.gone()
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

  /** For a PostgreSQL that may have ended by itself. */
  async startPostgresAgain(): Promise<void> {
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
    this.#subjects.push(team)
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
      const client = new Client(120_000)
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

  /**
   * Uploads every file until the service says that it has it, started again where it died, and waits until it has put in
   * order what was left of others. Answers the uploads that a later one replaced.
   */
  async uploadAll(subject: Subject, upload: (file: RosterFile) => Promise<boolean>): Promise<string[]> {
    for (const file of subject.files) {
      for (let attempt = 0; !(await upload(file)); attempt++) {
        if (attempt === 5) throw new Error(`${file.name} could not be uploaded`)
        await this.revive()
      }
      await this.revive()
    }
    const ledger = () =>
      this.direct.db
        .selectFrom('upload')
        .select(['id', 'path', 'state', 'gone_at'])
        .where('team_id', '=', subject.team.id)
        .orderBy('started_at')
        .execute()
    const end = performance.now() + QUIET_WITHIN_MS
    // What was taken while the database was away enters the ledger later.
    const inOrder = (rows: Awaited<ReturnType<typeof ledger>>) =>
      rows.every(({ state }) => state !== 'receiving' && state !== 'unconfirmed') &&
      subject.files.every(({ name }) =>
        rows.some(({ path, state, gone_at }) => path.endsWith(`/${name}`) && state === 'ready' && gone_at === null),
      )
    while (!inOrder(await ledger())) {
      if (performance.now() > end) throw new Error('an upload is left unfinished')
      await sleep(50)
      await this.revive()
    }
    const rows = await ledger()
    subject.uploads.push(...rows.filter(({ state }) => state === 'ready').map(({ id }) => id))
    return rows.filter(({ gone_at }) => gone_at !== null).map(({ id }) => id)
  }

  /** Enters a file that was put into its place on the host. */
  async enterHostFile(team: Team, name: string): Promise<void> {
    const path = pathIn(IMPORTS, name)
    const { bytes, identity } = await diskFileArea(this.rootOf(team)).stat(path)
    const file = { teamId: team.id, path, source: 'host' as const, account: null, bytes, sha256: null, identity }
    await fileArrived(this.direct.db, file)
  }

  /** Hears what the processes tell each other, until what it answers is called. */
  async listen(heard: (signal: Signal) => void): Promise<() => Promise<void>> {
    const signals = new Signals(this.direct.newClient, createLog('silent'))
    await signals.open()
    signals.subscribe(heard)
    return () => signals.stop()
  }

  async readyUploads({ team }: Subject): Promise<string[]> {
    const rows = await this.direct.db
      .selectFrom('upload')
      .select('id')
      .where('team_id', '=', team.id)
      .where('state', '=', 'ready')
      .execute()
    return rows.map(({ id }) => id)
  }

  textOf(file: string): Promise<string> {
    return readFile(file, 'utf8')
  }

  /** As a change of settings does: everybody looks at the windows. */
  async tellSchedule(): Promise<void> {
    await sendSignal(this.direct.db, { kind: 'schedule' })
  }

  call(method: string, path: string, body?: unknown, service = this.service): Promise<Response> {
    return fetch(`http://${service.http}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(120_000),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
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

  /** Whether nothing is going on for the team any more. */
  async isOver({ team }: Subject): Promise<boolean> {
    // PostgreSQL may be away for a moment.
    const left = await this.#open(team).catch(() => null)
    return left !== null && left.runs + left.files + left.mails === 0
  }

  async #open(team: Team): Promise<{ runs: number; files: number; mails: number }> {
    const { rows } = await sql<{ runs: number; files: number; mails: number }>`select
      (select count(*) from run where team_id = ${team.id} and state in ('queued', 'running')) as runs,
      (select count(*) from batch where team_id = ${team.id} and after_state = 'pending') as files,
      (select count(*) from mail where team_id = ${team.id} and state in ('waiting', 'queued')) as mails`.execute(
      this.direct.db,
    )
    return rows[0] ?? { runs: 0, files: 0, mails: 0 }
  }

  /** Waits until every run of the team has ended and every mail is out; mails need not wait for their next try. */
  async quiet({ team }: Subject): Promise<void> {
    const { db } = this.direct
    const begun = performance.now()
    let [last, changed] = ['', begun]
    let [hurry, hurriedAt] = [250, begun]
    for (;;) {
      await this.revive()
      const left = await this.#open(team)
      const seconds = ((performance.now() - begun) / 1000).toFixed(0)
      if (left.runs + left.files + left.mails === 0) {
        if (Number(seconds) > 20) this.say(`quiet after ${seconds} s; last left: ${last}`)
        return
      }
      const now = performance.now()
      if (JSON.stringify(left) !== last) [last, changed] = [JSON.stringify(left), now]
      if (now - changed > QUIET_WITHIN_MS) throw new Error(`still not quiet: ${last}; ${await this.#whatGoesOn(team)}`)
      // Ever more seldom: a mail that is being sent is not to be taken for one that waits.
      if (left.runs === 0 && left.mails > 0 && now - hurriedAt > hurry) {
        hurry *= 2
        hurriedAt = now
        await sql`update mail set next_attempt_at = now() where team_id = ${team.id} and state = 'queued'
          and next_attempt_at > now() + interval '2 seconds'`.execute(db)
        await sendSignal(db, { kind: 'mail_queued' })
      }
      if (left.runs > 0) await sendSignal(db, { kind: 'run_queued' })
      await sleep(50)
    }
  }

  /** For the one who looks into it. */
  async #whatGoesOn(team: Team): Promise<string> {
    const { pool } = this.direct
    const busy = await pool.query(
      `select application_name, state, wait_event_type || ' ' || wait_event as waits, pg_blocking_pids(pid) as behind, pid,
        now() - query_start as since, left(query, 200) as query
      from pg_stat_activity where datname = current_database() and state <> 'idle'`,
    )
    const batches = await pool.query(
      `select file_name, batch.state, after_state, lease_owner, lease_until - now() as lease
      from batch join run on run.id = run_id where batch.team_id = $1`,
      [team.id],
    )
    return JSON.stringify({ batches: batches.rows, busy: busy.rows }, null, 1)
  }

  /** Reads the contacts again and again, as another system does. */
  #watch(team: Team): Subject['watched'] {
    const seen = new Set<string>()
    let stopped = false
    const watching = (async () => {
      while (!stopped) {
        const begun = performance.now()
        await this.contacts(team).then(
          (state) => seen.add(state),
          // PostgreSQL is away for a moment; a reader tries again.
          () => {},
        )
        // Reading must not be most of what the machine does.
        await sleep(20 + 4 * (performance.now() - begun))
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

function urlOf(socketFolder: string): string {
  return `postgres://localhost/postgres?host=${encodeURIComponent(socketFolder)}&user=postgres`
}
