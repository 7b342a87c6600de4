import type { EndpointName } from '../model/upload.ts'
import type { Endpoint } from './endpoint.ts'
import { secure } from './ftp/auth-tls.ts'
import type { FtpOptions } from './ftp/options.ts'
import { addressOf, makeShell, type Shell } from './ftp/patch-points.ts'
import { FtpSession } from './ftp/session.ts'

/** How long a transfer in progress may go on once the service stops. */
const STOP_MILLISECONDS = 8000

/** FTP with explicit TLS, or FTPS where TLS is implicit: ftp-srv as the shell, with our own layers on it. */
export function ftpEndpoint(options: FtpOptions): Endpoint {
  return new FtpEndpoint(options)
}

class FtpEndpoint implements Endpoint {
  readonly name: EndpointName
  readonly #options: FtpOptions
  readonly #shell: Shell
  readonly #sessions = new Set<FtpSession>()

  constructor(options: FtpOptions) {
    this.name = options.tls.mode === 'implicit' ? 'ftps' : 'ftp'
    this.#options = { ...options, log: options.log.child({ endpoint: this.name }) }
    this.#shell = makeShell(this.#options)
    this.#shell.on('connect', ({ connection }) => {
      const session = new FtpSession(connection, this.#options)
      if (options.tls.mode === 'implicit') secure(session, options.tls.server)
      this.#sessions.add(session)
      void session.finished.then(() => this.#sessions.delete(session))
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
    }, STOP_MILLISECONDS)
    await Promise.all(sessions.map(({ finished }) => finished))
    clearTimeout(overdue)
    await closed
  }
}
