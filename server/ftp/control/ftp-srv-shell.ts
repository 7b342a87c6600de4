import type { AddressInfo, Server, Socket } from 'node:net'
import { FtpSrv } from 'ftp-srv'
import type { Log } from '../../../log.ts'

/**
 * The points of ftp-srv that our layers hook into. Its types promise none of them, so its version is pinned and a test
 * fails when one moves.
 */
export interface ShellConnection {
  commandSocket: Socket
  secure: boolean
  authenticated?: boolean
  transferType: 'binary' | 'ascii'
  /** Called with a code and lines by whatever the shell answers itself. */
  reply(options: number | { code: number }, ...lines: unknown[]): Promise<void>
  readonly commands: { handle(command: ShellCommand): PromiseLike<void> }
}

export interface ShellCommand {
  directive: string
  arg: string | null
  flags: string[]
  raw: string
}

export interface Shell {
  readonly server: Server
  /** Emitted before the greeting, with the socket still paused. */
  on(event: 'connect', listener: (data: { connection: ShellConnection }) => void): void
  listen(): PromiseLike<unknown>
}

/** The commands that ftp-srv answers itself. */
export const SHELL_COMMANDS = ['NOOP', 'SYST'] as const

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const

/** ftp-srv accepts connections, greets, and dispatches NOOP and SYST; TLS, files and data never go through it. */
export function makeShell({ host, port, log }: { host: string; port: number; log: Log }): Shell {
  const before = SIGNALS.map((signal) => new Set(process.listeners(signal)))
  const shell = new FtpSrv({
    url: `ftp://${host.includes(':') ? `[${host}]` : host}:${port}`,
    // Its own passive mode is never used; without this it warns about it.
    pasv_url: host,
    // A second lock behind our command table: none of its other commands can ever run.
    whitelist: [...SHELL_COMMANDS],
    log: shellLog(log),
  })
  // It would end the process 100 ms after a signal and cut every upload in progress.
  SIGNALS.forEach((signal, index) => {
    for (const listener of process.listeners(signal))
      if (!before[index]?.has(listener)) process.removeListener(signal, listener)
  })
  return shell as unknown as Shell
}

export function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

/** For debugging ftp-srv itself; our own layers log what happens. */
function shellLog(log: Log) {
  const quiet = (...words: [unknown, ...unknown[]]) => log.debug({ words: words.map(String) }, 'ftp-srv')
  const adapter = { trace() {}, debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => adapter }
  return adapter
}
