import { plainAddress } from '../../model/network.ts'
import type { EndpointName } from '../../model/upload.ts'
import { isUsualAddress } from '../../store/ftp-accounts.ts'
import type { Endpoint } from '../endpoint.ts'
import { within } from '../uploads/ledger-queue.ts'
import { ReadyUploads } from '../uploads/ready-uploads.ts'
import { secure } from './auth-command.ts'
import { addressOf, makeShell, type Shell, type ShellConnection } from './control/ftp-srv-shell.ts'
import type { FtpContext, FtpOptions } from './ftp-options.ts'
import { FtpSession } from './ftp-session.ts'

/** How long a transfer in progress may go on once the service stops. */
const STOP_MS = 7000
/** How long the ledger may take then; unsent entries are saved on the disk, or seen there. */
const LEDGER_MS = 1000
const TURN_AWAY_MS = 1000

/** FTP with explicit TLS, or FTPS where TLS is implicit: ftp-srv as the shell, with our own layers on it. */
export function ftpEndpoint(options: FtpOptions): Endpoint {
  return new FtpEndpoint(options)
}

class FtpEndpoint implements Endpoint {
  readonly name: EndpointName
  readonly #context: FtpContext
  readonly #shell: Shell
  readonly #sessions = new Set<FtpSession>()
  /** Pending ledger writes of clients that have left. */
  readonly #untold = new Set<Promise<unknown>>()

  constructor(options: FtpOptions) {
    this.name = options.tls.mode === 'implicit' ? 'ftps' : 'ftp'
    this.#context = contextOf({ ...options, log: options.log.child({ endpoint: this.name }) })
    this.#shell = makeShell(this.#context)
    this.#context.behindProxy?.(this.#shell.server)
    this.#shell.on('connect', ({ connection }) => {
      if (this.#admit(connection)) this.#open(connection)
    })
  }

  async start(): Promise<string> {
    await this.#shell.listen()
    return addressOf(this.#shell.server)
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#shell.server.close(resolve))
    const sessions = [...this.#sessions]
    for (const session of sessions) session.stop()
    const overdue = setTimeout(() => {
      for (const session of sessions) session.destroy()
    }, STOP_MS)
    await Promise.all(sessions.map(({ finished }) => finished))
    clearTimeout(overdue)
    await within(LEDGER_MS, Promise.all(this.#untold))
    await closed
  }

  #open(connection: ShellConnection): void {
    const { tls } = this.#context
    const session = new FtpSession(connection, this.#context)
    if (tls.mode === 'implicit') secure(session, tls.server)
    this.#sessions.add(session)
    void session.finished.then(() => {
      this.#sessions.delete(session)
      const told = session.ledger.settled.finally(() => this.#untold.delete(told))
      this.#untold.add(told)
    })
  }

  /** Turns away a client over the limit, or from a banned address that no account normally uses. */
  #admit(connection: ShellConnection): boolean {
    const { access, log, db } = this.#context
    const socket = connection.commandSocket
    const address = plainAddress(socket.remoteAddress ?? '')
    if (!access.enter(address)) return turnAway(connection, 'Too many connections; try again later.')
    socket.once('close', () => access.left(address))
    if (!access.isBanned(address)) return true
    if (access.isUsual(address, () => isUsualAddress(db, address))) return true
    log.info({ client: address }, 'connection from a banned address refused')
    return turnAway(connection, 'Too many login failures; try again later.')
  }
}

function turnAway(connection: ShellConnection, why: string): false {
  const socket = connection.commandSocket
  socket.removeAllListeners('data')
  socket.on('error', () => {})
  connection.reply = () => Promise.resolve()
  // Under implicit TLS the client cannot read it, but a packet trace shows it.
  socket.resume().end(`421 ${why}\r\n`)
  setTimeout(() => socket.destroy(), TURN_AWAY_MS).unref()
  return false
}

function contextOf(options: FtpOptions): FtpContext {
  let last = 0
  return {
    after: realAfter,
    ready: new ReadyUploads(options.db),
    ...options,
    receiptTime() {
      last = Math.max(last + 1, Date.now())
      return new Date(last)
    },
  }
}

function realAfter(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds)
  return () => clearTimeout(timer)
}
