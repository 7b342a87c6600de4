import type { Socket } from 'node:net'
import type { Connection, Session } from 'ssh2'
import type { Log } from '../../log.ts'
import { plainAddress } from '../../model/network.ts'
import type { SessionRights } from '../account-rights.ts'
import { Authentication } from './authentication.ts'
import { noteSmallWindow, startWindowsSmall, type WindowBudget } from './channel.ts'
import type { SftpEndpointContext } from './sftp-options.ts'
import { SftpSession } from './sftp-session.ts'

/** Channels of one connection at the same time. */
const MOST_CHANNELS = 4
/** Grace for a client that does not read before its socket is closed. */
const LAST_WORD_MS = 1000
/** Within a second of the change. */
const DISMISSED_MS = 500

/** One SSH connection. It serves SFTP and nothing else: what ssh2 finds no listener for, it refuses. */
export class SftpConnection {
  readonly address: string
  /** Resolves when the client has gone and all it had open is cleaned up. */
  readonly finished: Promise<void>
  readonly #options: SftpEndpointContext
  readonly #windows: WindowBudget
  readonly #socket: Socket
  readonly #log: Log
  readonly #sessions = new Set<SftpSession>()
  #client: Connection | null = null
  #channels = 0
  readonly #authentication: Authentication
  readonly #rights: SessionRights
  #stopping = false
  #idle: NodeJS.Timeout

  constructor(socket: Socket, options: SftpEndpointContext, windows: WindowBudget) {
    this.#options = options
    this.#windows = windows
    this.#socket = socket
    this.address = plainAddress(socket.remoteAddress ?? '')
    this.#log = options.log.child({ client: this.address })
    this.#rights = options.rights.session(() => this.#dismiss())
    this.#authentication = new Authentication({
      ...{ options, log: this.#log, address: this.address },
      end: () => this.end(),
      enter: (username) => this.#enter(username),
      welcome: (login) => this.#rights.loggedIn(login),
    })
    socket.setNoDelay(true)
    socket.on('error', (error) => this.#log.debug({ err: error }, 'SSH connection failed'))
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    this.finished = closed.then(() => this.#leave())
    this.#idle = setTimeout(() => this.end(), options.limits.loginSeconds * 1000)
  }

  /** The client has said who it is, as a program. */
  begin(client: Connection): void {
    this.#client = client
    startWindowsSmall(client)
    client.on('error', (error) => this.#log.debug({ err: error }, 'SSH connection failed'))
    client.on('authentication', (attempt) => void this.#authentication.answer(attempt))
    client.on('ready', () => {
      clearTimeout(this.#idle)
      this.#idle = setTimeout(() => this.#expire(), this.#options.limits.idleSeconds * 1000)
    })
    client.on('session', (accept, reject) => {
      if (this.#channels >= MOST_CHANNELS || this.#stopping) return void reject()
      this.#serve(accept())
    })
    if (this.#stopping) this.end()
  }

  /** Lets transfers in progress be finished, then ends the connection. */
  stop(): void {
    this.#stopping = true
    for (const session of this.#sessions) session.stop()
    this.#endIfDone()
  }

  /** Ends it at once, in good order. */
  end(lastWord = LAST_WORD_MS): void {
    this.#client?.end()
    if (!this.#client) this.#socket.end()
    setTimeout(() => this.destroy(), lastWord).unref()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Counts this connection with the sessions of its account until it closes. */
  #enter(username: string): boolean {
    const { access } = this.#options
    if (this.#socket.destroyed || !access.enterAccount(username)) return false
    this.#socket.once('close', () => access.leftAccount(username))
    return true
  }

  #serve(channel: Session): void {
    this.#channels += 1
    noteSmallWindow(channel)
    channel.on('close', () => {
      this.#channels -= 1
    })
    channel.on('sftp', (accept, reject) => {
      const { login } = this.#authentication
      if (!login || this.#stopping) return void reject()
      const session = new SftpSession(accept(), {
        options: this.#options,
        login,
        address: this.address,
        log: this.#log,
        socket: this.#socket,
        windows: this.#windows,
        rights: this.#rights,
        active: () => this.#idle.refresh(),
      })
      this.#sessions.add(session)
      void session.finished.then(() => {
        this.#sessions.delete(session)
        this.#endIfDone()
      })
    })
  }

  #endIfDone(): void {
    if (this.#stopping && this.#sessions.size === 0) this.end()
  }

  #dismiss(): void {
    this.#stopping = true
    for (const session of this.#sessions) session.dismiss()
    this.end(DISMISSED_MS)
  }

  #expire(): void {
    if ([...this.#sessions].some(({ busy }) => busy)) this.#idle.refresh()
    else this.end()
  }

  async #leave(): Promise<void> {
    clearTimeout(this.#idle)
    this.#rights.left()
    const sessions = [...this.#sessions]
    for (const session of sessions) session.leave()
    await Promise.all(sessions.map(({ finished }) => finished))
    clearTimeout(this.#idle)
  }
}
