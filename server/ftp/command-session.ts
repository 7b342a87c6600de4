import type { Log } from '../../log.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { LoggedIn, Login } from '../login.ts'
import type { ReceivingSession } from '../uploads/receiving-session.ts'
import type { CommandReader } from './control/command-lines.ts'
import type { FtpRefusal } from './control/ftp-replies.ts'
import type { ShellConnection } from './control/ftp-srv-shell.ts'
import type { FtpContext } from './ftp-options.ts'
import type { Fact } from './machine-facts.ts'
import type { DataChannel } from './transfers/data-channel.ts'

/** A control connection as its commands see it: what earlier commands have set, and how to reply. */
export interface CommandSession extends ReceivingSession {
  readonly options: FtpContext
  readonly connection: ShellConnection
  readonly reader: CommandReader
  readonly log: Log
  /** Where the client reaches the server. */
  readonly serverAddress: string
  readonly user: LoggedIn
  /** Require close_notify on TLS data connections; a team with old clients can switch it off. */
  readonly strictClose: boolean
  username: string | null
  failedLogins: number
  login: LoggedIn | null
  folder: TeamPath
  renameFrom: TeamPath | null
  restartAt: number
  data: DataChannel | null
  /** Of a transfer that was refused: closed behind the reply. */
  refusedData: DataChannel | null
  onlyExtendedPassive: boolean
  /** PBSZ has been sent; PROT requires it. */
  bufferAgreed: boolean
  /** The facts that MLSD and MLST list. */
  facts: readonly Fact[]
  transfer: Transfer | null
  /** ABOR has broken off a transfer and is still to be answered. */
  aborted: boolean
  /** Paths of interrupted uploads whose SIZE this session has asked for. */
  readonly toldSizes: Set<TeamPath>
  unconfirmed: AwaitsConfirmation | null
  /** Aborted once the client is gone or has to go: nobody waits for an answer. */
  readonly gone: AbortSignal
  /** False where the account has as many sessions as it may have. */
  loggedIn(login: Login): boolean
  /** Back to before the login. */
  reset(): void
  /** Records what an account did, in the log and in the audit. */
  event(action: string, path?: TeamPath, details?: Record<string, unknown>, user?: Login): void
  /** Resolves after this time, or at once when the client has gone. */
  wait(milliseconds: number): Promise<void>
  /** Where the next transfer begins. */
  takeRestart(): number
  /** The path that an argument names. */
  path(argument: string): TeamPath
  reply(code: number, text: string, ...lines: string[]): Promise<void>
  /** One line of a reply whose end comes later. */
  say(line: string): Promise<void>
  close(code: number, text: string): Promise<void>
}

/** A transfer in progress. */
export interface Transfer {
  /** The last byte has arrived or left; only our own work remains. */
  dataEnded: boolean
  /** Bytes that have passed the data connection so far. */
  readonly bytes: number
  /** Breaks the data connection; the transfer then fails with `reason`. */
  abort(reason: FtpRefusal): void
}

/** An upload whose data ended cleanly, and that no later command has confirmed yet. */
export interface AwaitsConfirmation {
  /** Of the commands on its connection, this many arrived before the end of the data. */
  readonly arrivedBefore: number
  /** The client is still there. Publishes the file; resolves when it has its name. Never rejects. */
  confirm(): Promise<void>
  /** The client was gone before it could take the 226: nothing is published. Never rejects. */
  lose(): Promise<void>
  /** The client closed after the 226 without a word: what the file ends with decides. Never rejects. */
  closed(): Promise<void>
  /** The service stops before it can know; the next start decides. */
  leave(): Promise<void>
}
