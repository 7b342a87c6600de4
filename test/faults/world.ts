import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MARK } from '../../files/team-root.ts'
import { createLog } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../start/embedded-postgres.ts'
import { firstOwner } from '../../store/people/administrators.ts'
import { createToken } from '../../store/people/tokens.ts'
import { type DatabasePool, openDatabase } from '../../store/postgres/database.ts'
import { readServerNote } from '../../store/postgres/embedded/processes.ts'
import { type Signal, Signals, sendSignal } from '../../store/postgres/signals.ts'
import { removeTeam } from '../../store/teams.ts'
import { newSecret, secretHash } from '../../web/http/sessions/session-cookie.ts'
import { urlOf } from '../support/database-url.ts'
import { MailSink } from './mail-sink.ts'
import { PostgresProxy } from './postgres-proxy.ts'
import { line } from './roster.ts'
import { ServiceProcess } from './service-process.ts'
import { SmallDisk } from './small-disk.ts'

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
  /** Those whose imports are disturbed by this point. */
  readonly teams: Team[] = []
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
    this.#postgres = await startEmbeddedPostgres(this.folder, createLog('silent'))
    const { address } = this.#postgres
    // Under a name of its own: it is no process of the service.
    this.direct = openDatabase(address, createLog('silent'), {
      processName: 'faults',
      secret: Buffer.alloc(32),
    })
    this.directUrl = urlOf(address)
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
    for (const { id } of this.teams.splice(0)) await removeTeam(this.direct.db, id)
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
      DATABASE_URL: urlOf({ ...this.#postgres.address, socketFolder: this.#socketFolder }),
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

  /** Stops PostgreSQL as an operator or a crash does. Its owner, this process, starts it again. */
  async restartPostgres(how: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const data = join(this.folder, 'postgres/cluster')
    const before = await readServerNote(data)
    if (!before) throw new Error('no PostgreSQL runs')
    process.kill(before.pid, how)
    while (((await readServerNote(data)) ?? before).pid === before.pid) await sleep(20)
    await this.postgresAnswers()
  }

  /** Waits for a PostgreSQL that may have ended by itself and is started again. */
  async postgresAnswers(): Promise<void> {
    while (!(await this.direct.pool.query('select 1').catch(() => null))) await sleep(20)
  }

  rootOf(team: Team): string {
    return join(this.folder, 'data/teams', team.team)
  }

  /** The mail server is away until `up`. */
  async mailDown(): Promise<{ up: (port: number) => Promise<void> }> {
    await this.mail.close()
    return { up: (port) => this.mail.listen(port) }
  }

  /** Hears what the processes tell each other, until what it answers is called. */
  async listen(heard: (signal: Signal) => void): Promise<() => Promise<void>> {
    const signals = new Signals(this.direct.newClient, createLog('silent'))
    await signals.open()
    signals.subscribe(heard)
    return () => signals.stop()
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
      hidden: (await names('.rosterport')).filter((name) => name !== basename(MARK)),
    }
  }
}
