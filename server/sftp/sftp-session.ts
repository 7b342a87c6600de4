import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SFTPWrapper } from 'ssh2'
import type { FileArea } from '../../files/file-area.ts'
import type { Log } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { ROOT, resolveTeamPath, type TeamPath } from '../../model/team-path.ts'
import type { FtpAccount } from '../../store/ftp-accounts.ts'
import type { SessionRights } from '../account-rights.ts'
import type { Login } from '../login.ts'
import { LedgerQueue, within } from '../uploads/ledger-queue.ts'
import { SftpChannel, type WindowBudget } from './channel.ts'
import { DownloadHandle } from './download-handle.ts'
import { Handles } from './handles.ts'
import type { RequestSession } from './request-session.ts'
import type { SftpEndpointContext } from './sftp-options.ts'
import { replyTo, SftpRefusal } from './sftp-replies.ts'
import { REQUESTS, type RequestName } from './sftp-requests.ts'
import { UploadHandle } from './upload-handle.ts'

/** Weight of a request in the queue besides its data. */
const REQUEST_BYTES = 256

/** Requests on an open file: these do not ask the database. */
const GOES_ON = new Set<RequestName>(['READ', 'WRITE', 'FSTAT', 'FSETSTAT'])

/** Requests that act on a folder with all that is in it. */
const TAKES_FOLDER = new Set<RequestName>(['RENAME', 'RMDIR'])

/** How long the ledger may take then; what it was not told is noted on the disk, or seen there. */
const LEDGER_MS = 1000

interface Request {
  name: RequestName
  id: number
  values: unknown[]
  bytes: number
}

export interface SftpContext {
  readonly options: SftpEndpointContext
  readonly login: Login
  readonly address: string
  readonly log: Log
  readonly socket: Socket
  readonly windows: WindowBudget
  readonly rights: SessionRights
  /** Called when a request arrives or is done. */
  active(): void
}

/** One SFTP channel: its open handles, and its requests, run one by one in order of arrival. */
export class SftpSession implements RequestSession {
  readonly source = 'sftp'
  readonly ledger: LedgerQueue
  readonly options: SftpEndpointContext
  readonly account: FtpAccount
  readonly team: Team
  readonly area: FileArea
  readonly address: string
  readonly log: Log
  readonly handles = new Handles()
  readonly channel: SftpChannel
  /** Resolves when the client has left and everything it had open is cleaned up. */
  readonly finished: Promise<void>
  readonly #windows: WindowBudget
  readonly #login: Login
  readonly #rights: SessionRights
  readonly #active: () => void
  readonly #queue: Request[] = []
  #queuedBytes = 0
  #busy = false
  #left = false
  #stopping = false
  #dismissed = false
  readonly #gone: Promise<void>
  readonly #leave: () => void
  readonly #finish: () => void

  constructor(sftp: SFTPWrapper, context: SftpContext) {
    this.options = context.options
    this.account = context.login.account
    this.team = context.login.team
    this.area = context.options.fileAreaOf(this.team)
    this.address = context.address
    this.log = context.log
    this.ledger = new LedgerQueue(this.log, realAfter, context.options.ready)
    this.#windows = context.windows
    this.#login = context.login
    this.#rights = context.rights
    this.#active = context.active
    const finished = Promise.withResolvers<void>()
    this.finished = finished.promise
    this.#finish = finished.resolve
    const gone = Promise.withResolvers<void>()
    this.#gone = gone.promise
    this.#leave = gone.resolve
    this.channel = new SftpChannel(sftp, context.socket, gone.promise, () => this.#grant())
    this.#windows.join()
    for (const name of Object.keys(REQUESTS) as RequestName[])
      sftp.on(name as 'OPEN', (id: number, ...values: unknown[]) => this.#arrived(name, id, values))
    sftp.on('error', (error: Error) => this.log.debug({ err: error }, 'SFTP channel failed'))
    sftp.on('end', () => this.leave())
    sftp.on('close', () => this.leave())
  }

  get user() {
    return { ...this.#login, area: this.area }
  }

  event(
    action: string,
    path?: TeamPath,
    details?: Record<string, unknown>,
    _user?: unknown,
    level: 'info' | 'warn' = 'info',
  ): void {
    this.options.events.add(
      { name: this.account.username, kind: 'ftp_account', address: this.address },
      { action: `ftp.${action}`, team: this.team, subject: path, details: { ...details, protocol: 'sftp' } },
      level,
    )
  }

  get busy(): boolean {
    return this.#busy
  }

  get stopping(): boolean {
    return this.#stopping
  }

  path(text: string): TeamPath {
    if (text.includes('\ufffd')) throw new SftpRefusal('denied', 'Names must be valid UTF-8.')
    const parsed = resolveTeamPath(ROOT, text)
    if (!parsed.ok) throw new SftpRefusal('denied', parsed.reason)
    return parsed.path
  }

  /** No more requests will come. Runs those queued, then gives up open handles. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    this.#leave()
    this.#pump()
  }

  /** The login does not hold any more: whatever has not been carried out is refused. */
  dismiss(): void {
    this.#dismissed = true
    this.leave()
  }

  /** Lets what is being transferred be closed by the client, and ends the channel. */
  stop(): void {
    this.#stopping = true
    this.#pump()
  }

  get #transferring(): boolean {
    return this.handles.has(UploadHandle) || this.handles.has(DownloadHandle)
  }

  #arrived(name: RequestName, id: number, values: unknown[]): void {
    const data = values.at(-1)
    const bytes = REQUEST_BYTES + (name === 'WRITE' && Buffer.isBuffer(data) ? data.length : 0)
    this.#queue.push({ name, id, values, bytes })
    this.#queuedBytes += bytes
    this.#active()
    this.#pump()
  }

  #pump(): void {
    if (!this.#busy) void this.#run()
  }

  async #run(): Promise<void> {
    this.#busy = true
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) {
      await this.#carryOut(request)
      this.#queuedBytes -= request.bytes
      this.#grant()
    }
    if (this.#left || (this.#stopping && !this.#transferring)) {
      await this.handles.abandonAll()
      if (this.#queue.length === 0) return this.#ended()
    }
    this.#busy = false
    this.#active()
    if (this.#queue.length > 0 || this.#left) this.#pump()
  }

  async #carryOut({ name, id, values }: Request): Promise<void> {
    try {
      await this.channel.writable()
      if (!GOES_ON.has(name)) await this.#turn()
      if (this.#dismissed || (!GOES_ON.has(name) && !(await this.#rights.holds())))
        throw new SftpRefusal('denied', 'The account or its rights have changed; log in again.')
      const carryOut: (session: RequestSession, id: number, ...values: never[]) => void | Promise<void> = REQUESTS[name]
      await this.#confirmNamed(name, values)
      await carryOut(this, id, ...(values as never[]))
    } catch (error) {
      const { code, text, fault } = replyTo(error)
      if (fault) this.log.error({ err: error, request: name }, 'SFTP request failed')
      this.channel.sftp.status(id, code, text)
    }
  }

  /** Waits for a turn among the sessions of the team, unless the client leaves. */
  async #turn(): Promise<void> {
    const wait = this.options.access.waitToAsk(this.team.id)
    if (wait > 0) await Promise.race([this.#gone, sleep(wait)])
  }

  /** A request shows that its account is there, so an upload over FTP that it names gets its name first. */
  async #confirmNamed(name: RequestName, values: unknown[]): Promise<void> {
    const by = { teamId: this.team.id, account: this.account.username }
    for (const text of values) {
      if (typeof text !== 'string') continue
      const named = resolveTeamPath(ROOT, text)
      if (named.ok) await this.options.unconfirmed.named(by, named.path, { andInside: TAKES_FOLDER.has(name) })
    }
  }

  /** `#busy` stays set: nothing is taken any more. */
  #ended(): void {
    this.#windows.leave()
    this.channel.end()
    void within(LEDGER_MS, this.ledger.settled).then(this.#finish)
  }

  #grant(): void {
    this.channel.grant(this.#windows.share - this.#queuedBytes)
  }
}

function realAfter(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds)
  return () => clearTimeout(timer)
}
