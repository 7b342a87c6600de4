import { setImmediate } from 'node:timers/promises'
import { FileProblem } from '../../files/file-area.ts'
import type { Log } from '../../log.ts'
import { plainAddress } from '../../model/network.ts'
import { ROOT, resolveTeamPath, type TeamPath } from '../../model/team-path.ts'
import type { EndpointName } from '../../model/upload.ts'
import type { SessionRights } from '../account-rights.ts'
import type { LoggedIn, Login } from '../login.ts'
import { LedgerQueue } from '../uploads/ledger-queue.ts'
import { LEDGER_PATIENCE_MS } from '../uploads/received-upload.ts'
import type { AwaitsConfirmation, CommandSession, Transfer } from './command-session.ts'
import { type CommandLine, type CommandListener, CommandReader } from './control/command-lines.ts'
import { parseCommand, refuseData, runCommand } from './control/command-table.ts'
import { ControlChannel } from './control/control-channel.ts'
import { FtpRefusal, replyTo } from './control/ftp-replies.ts'
import type { ShellConnection } from './control/ftp-srv-shell.ts'
import { IdleTimer } from './control/idle-timer.ts'
import type { FtpContext } from './ftp-options.ts'
import { FACTS, type Fact } from './machine-facts.ts'
import { namedPath } from './named-path.ts'
import { aboutSession } from './status-command.ts'
import type { DataChannel } from './transfers/data-channel.ts'

const LAST_REPLY_MS = 1000
/** Within a second of the change, whatever the session is busy with. */
const DISMISSED_MS = 500
const DISMISSED = 'The account or its rights have changed; log in again.'
const LAST_WORD_MS = 1500

/** Commands that only lead up to the next transfer, and ask nothing about those before. */
const MERELY_PREPARES = /^(?:PASV|EPSV|PORT|EPRT|TYPE|STOR|STOU|ALLO|CWD|PBSZ|PROT|USER|PASS|AUTH)\b/i

/** Commands that act on a folder with all that is in it. */
const TAKES_FOLDER = /^(?:RNFR|X?RMD)$/

/** One control connection: what its commands have set, and the transfer that is going. */
export class FtpSession implements CommandSession, CommandListener {
  readonly options: FtpContext
  readonly connection: ShellConnection
  readonly reader: CommandReader
  readonly log: Log
  readonly address: string
  /** Where the client reaches the server. */
  readonly serverAddress: string
  /** Resolves when the client has gone and all its commands are done. */
  readonly finished: Promise<void>
  username: string | null = null
  failedLogins = 0
  login: LoggedIn | null = null
  folder: TeamPath = ROOT
  renameFrom: TeamPath | null = null
  restartAt = 0
  data: DataChannel | null = null
  refusedData: DataChannel | null = null
  onlyExtendedPassive = false
  bufferAgreed = false
  facts: readonly Fact[] = FACTS
  transfer: Transfer | null = null
  aborted = false
  readonly toldSizes = new Set<TeamPath>()
  unconfirmed: AwaitsConfirmation | null = null
  /** Ledger writes of its uploads. */
  readonly ledger: LedgerQueue
  readonly #control: ControlChannel
  /** No further command is taken once the service stops. */
  #stopping = false
  /** It was us who ended the connection, so that its end says nothing about an upload. */
  #cutOff = false
  #busy = false
  #begun = false
  /** The account, its rights or its team are not what they were at the login. */
  #dismissed = false
  readonly #gone = new AbortController()
  readonly #rights: SessionRights
  #stopWaiting = () => {}
  readonly #silence: IdleTimer
  readonly #finish: () => void

  constructor(connection: ShellConnection, options: FtpContext) {
    this.options = options
    this.connection = connection
    this.address = plainAddress(connection.commandSocket.remoteAddress ?? '')
    this.serverAddress = plainAddress(connection.commandSocket.localAddress ?? options.host)
    this.log = options.log.child({ client: this.address })
    this.ledger = new LedgerQueue(this.log, options.after, options.ready)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.finished = promise
    this.#finish = resolve
    this.#control = new ControlChannel(connection, options.limits.stallSeconds * 1000)
    this.reader = new CommandReader(connection.commandSocket, this)
    this.#silence = new IdleTimer(
      () => this.#busy && this.login !== null,
      () => this.#expire(),
    )
    this.#silence.limit(options.limits.loginSeconds)
    this.#rights = options.rights.session(() => this.#dismiss())
  }

  get user(): LoggedIn {
    if (!this.login) throw new FtpRefusal(530, 'Please login with USER and PASS.')
    return this.login
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get source(): EndpointName {
    return this.options.tls.mode === 'implicit' ? 'ftps' : 'ftp'
  }

  get strictClose(): boolean {
    return this.options.strictClose && this.user.team.ftpStrictClose
  }

  loggedIn(login: Login): boolean {
    if (!this.options.access.enterAccount(login.account.username)) return false
    this.login = { ...login, area: this.options.fileAreaOf(login.team) }
    this.connection.authenticated = true
    this.#rights.loggedIn(login)
    this.#silence.limit(this.options.limits.idleSeconds)
    return true
  }

  reset(): void {
    this.data?.close()
    this.data = null
    this.username = null
    this.#leaveAccount()
    this.login = null
    this.#rights.left()
    this.folder = ROOT
    this.renameFrom = null
    this.restartAt = 0
    this.toldSizes.clear()
    this.onlyExtendedPassive = false
    this.facts = FACTS
    this.connection.authenticated = false
    this.connection.transferType = 'binary'
    this.#silence.limit(this.options.limits.loginSeconds)
  }

  event(
    action: string,
    path?: TeamPath,
    details?: Record<string, unknown>,
    { account, team }: Login = this.user,
    level: 'info' | 'warn' = 'info',
  ): void {
    this.options.events.add(
      { name: account.username, kind: 'ftp_account', address: this.address },
      { action: `ftp.${action}`, team, subject: path, details },
      level,
    )
  }

  wait(milliseconds: number): Promise<void> {
    if (this.reader.lost) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#stopWaiting = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  takeRestart(): number {
    const start = this.restartAt
    this.restartAt = 0
    // In TYPE A a client counts other bytes than those on the disk.
    if (start > 0 && this.connection.transferType === 'ascii') throw new FtpRefusal(554, 'REST requires TYPE I.')
    return start
  }

  path(argument: string): TeamPath {
    const parsed = resolveTeamPath(this.folder, argument)
    if (!parsed.ok) throw new FileProblem('not-allowed', argument)
    return parsed.path
  }

  reply(code: number, text: string, ...lines: string[]): Promise<void> {
    return this.#control.reply(code, text, ...lines)
  }

  say(line: string): Promise<void> {
    return this.#control.say(line)
  }

  close(code: number, text: string): Promise<void> {
    return this.#control.close(code, text)
  }

  /** Lets a transfer in progress end and be confirmed, tells the client that the service stops, and closes. */
  stop(): void {
    this.#stopping = true
    if (this.#busy) return
    if (!this.unconfirmed) void this.close(421, 'Service shutting down.')
    else this.#leaveSoon()
  }

  /** Ends the session and its transfer at once. */
  destroy(): void {
    this.#cutOff = true
    this.#leave()
    this.transfer?.abort(new FtpRefusal(426, 'Service shutting down; transfer aborted.'))
    this.#control.destroy()
  }

  arrived(line: CommandLine, waiting: number): 'waits' | 'barrier' | 'answered' {
    if (this.login) this.#silence.broken()
    if (line === null) return 'waits'
    const { verb, argument } = parseCommand(line)
    if (verb === 'ABOR' && this.transfer && !this.transfer.dataEnded) {
      this.aborted = true
      this.transfer.abort(new FtpRefusal(426, 'Transfer aborted.'))
    }
    if (verb === 'STAT' && argument === '' && this.transfer && waiting === 0 && this.#control.isRead) {
      void aboutSession(this)
      return 'answered'
    }
    return verb === 'AUTH' ? 'barrier' : 'waits'
  }

  async execute(line: CommandLine, number: number): Promise<void> {
    this.#busy = true
    try {
      if (!(await this.#turn())) return
      if (!(await this.#rights.holds())) return
      if (this.unconfirmed && (await this.#isSignOfLife(number))) await this.unconfirmed?.confirm()
      if (this.#stopping) return
      if (line === null) {
        // It may have been a transfer with a long name.
        refuseData(this)
        throw new FtpRefusal(500, 'Command line too long.')
      }
      // Commands that may show the session's own uploads wait for the ledger first.
      if (!MERELY_PREPARES.test(line)) await this.ledger.caughtUp(LEDGER_PATIENCE_MS)
      await this.#confirmNamed(line)
      await runCommand(this, line)
    } catch (error) {
      if (this.#dismissed) return
      const { code, text, fault } = replyTo(error, parseCommand(line ?? '').verb)
      if (fault) this.log.error({ err: error }, 'FTP command failed')
      await this.reply(code, text)
    } finally {
      this.#busy = false
      this.refusedData?.close()
      this.refusedData = null
      if (this.#dismissed) void this.close(421, DISMISSED)
      else if (this.#stopping && !this.unconfirmed) await this.close(421, 'Service shutting down.')
      else if (this.#stopping) this.#leaveSoon()
    }
  }

  /** Waits for a turn among the sessions of the address at first, and of the team once logged in. False where none comes. */
  async #turn(): Promise<boolean> {
    const { access } = this.options
    const first = !this.#begun
    this.#begun = true
    const wait = this.login ? access.waitToAsk(this.login.team.id) : first ? access.waitToBegin(this.address) : 0
    if (wait === null) {
      await this.close(421, 'Too many new sessions from your address; try again later.')
      return false
    }
    if (wait > 0) await this.wait(wait)
    return true
  }

  lost(): void {
    this.#leave()
    this.#silence.stop()
    this.#stopWaiting()
    this.data?.close()
    if (this.transfer && !this.transfer.dataEnded) this.transfer.abort(new FtpRefusal(426, 'Control connection lost.'))
  }

  ended(): void {
    this.#rights.left()
    // A login that was under way when the client went has started it again.
    this.#silence.stop()
    this.#leaveAccount()
    void Promise.resolve(this.#partFrom(this.unconfirmed)).then(this.#finish)
  }

  #partFrom(unconfirmed: AwaitsConfirmation | null): Promise<void> | undefined {
    if (this.#cutOff) return unconfirmed?.leave()
    return this.reader.reset ? unconfirmed?.lose() : unconfirmed?.closed()
  }

  /**
   * A command that was sent before the end of the data may be all that is left of a killed client. Its connection ends right
   * behind it, which shows once everything that was sent is read.
   */
  async #isSignOfLife(number: number): Promise<boolean> {
    if (number > (this.unconfirmed?.arrivedBefore ?? 0)) return true
    if (this.reader.backlogged) return false
    await setImmediate()
    return !this.reader.lost
  }

  /** A command shows that its account is there, so an upload of another session that it names gets its name first. */
  async #confirmNamed(line: string): Promise<void> {
    if (!this.login) return
    const { team, account } = this.login
    const { verb, argument } = parseCommand(line)
    const text = namedPath(verb, argument)
    const named = text === null ? null : resolveTeamPath(this.folder, text)
    if (!named?.ok) return
    const by = { teamId: team.id, account: account.username }
    await this.options.unconfirmed.named(by, named.path, { andInside: TAKES_FOLDER.test(verb) })
  }

  #leave(): void {
    this.#gone.abort(new FtpRefusal(426, 'Control connection lost.'))
  }

  #leaveAccount(): void {
    if (this.login) this.options.access.leftAccount(this.login.account.username)
  }

  /** Judges uploads answered with 226 as if the client had left. */
  #dismiss(): void {
    this.#dismissed = true
    this.#leave()
    if (this.transfer && !this.transfer.dataEnded) this.transfer.abort(new FtpRefusal(421, DISMISSED))
    this.data?.close()
    if (!this.#busy) void this.close(421, DISMISSED)
    this.#control.destroyAfter(DISMISSED_MS)
  }

  /** A client that says nothing behind its upload is not waited for: the next start decides about that. */
  #leaveSoon(): void {
    this.options.after(LAST_WORD_MS, () => {
      if (!this.unconfirmed || this.#busy) return
      this.#cutOff = true
      void this.close(421, 'Service shutting down.')
      this.#control.destroySoon()
    })
  }

  /** A client that is silent may not read either: it has a moment for its last reply. */
  #expire(): void {
    void this.close(421, 'Timeout.')
    this.#control.destroyAfter(LAST_REPLY_MS)
  }
}
