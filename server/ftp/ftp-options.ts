import type { Server } from 'node:net'
import type { FileArea, OpenFile } from '../../files/file-area.ts'
import type { StorageGuard } from '../../files/storage-guard.ts'
import type { Log } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { NoRoom } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { AccessGuard } from '../access-guard.ts'
import type { AccountRights } from '../account-rights.ts'
import type { EventLog } from '../event-log.ts'
import type { Receiving } from '../receiving/upload-content.ts'
import type { ServerTls } from '../tls.ts'
import type { ReadyUploads } from '../uploads/ready-uploads.ts'
import type { MayTakeName } from '../uploads/settle-unconfirmed.ts'
import type { UnconfirmedUploads } from '../uploads/unconfirmed-uploads.ts'

export interface FtpOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly tls: FtpTls
  /** Demands close_notify at the end of an upload over TLS, from teams that have not switched it off. */
  readonly strictClose: boolean
  readonly passive: PassiveOptions
  /** Applied to each server before it listens: what a load balancer says of its clients. */
  behindProxy?(server: Server): void
  /** Serve PORT and EPRT: we open data connections, only to the client's own address. */
  readonly active: boolean
  readonly limits: FtpLimits
  readonly db: Database
  /** The name of the database connections of this process. */
  readonly processName: string
  /** The key under which passwords are stored. */
  readonly secret: Buffer
  readonly log: Log
  /** One each for all endpoints. */
  readonly access: AccessGuard
  readonly rights: AccountRights
  readonly storage: StorageGuard
  readonly events: EventLog
  readonly receiving: Receiving
  readonly unconfirmed: UnconfirmedUploads
  readonly mayTakeName: MayTakeName
  fileAreaOf(team: Team): FileArea
  /** The sentence behind `Transfer complete.`: what will happen to this file. */
  describeUpload?(team: Team, path: TeamPath): Promise<string>
  /** What was, is or will be done with what is or was at a path, each with the account it came from; for SITE STATUS. */
  fileStatus?(
    team: Team,
    path: TeamPath,
  ): Promise<{ account: string | null; isOurs: boolean; lines: readonly string[] }[]>
  /**
   * The lines of a dry run, for SITE CHECK. Ends when `signal` is aborted. `opened` is called with the very file that is
   * checked, which may be another than the one that stood there when the client asked; where it rejects nothing is read.
   */
  checkFile?(
    team: Team,
    path: TeamPath,
    work: { signal: AbortSignal; progress: (percent: number) => void; opened: (file: OpenFile) => Promise<void> },
  ): Promise<string[]>
  /** Called when a file gets its final name, by upload or by rename. */
  uploadReady?(team: Team, path: TeamPath): void
  /** Told when there was no room for an upload. */
  noRoom?(team: Team, noRoom: NoRoom): void
  /** Calls `run` once after a while; answers how to cancel that. */
  after?(milliseconds: number, run: () => void): () => void
}

/** The dependencies of a session. */
export interface FtpContext extends FtpOptions {
  after(milliseconds: number, run: () => void): () => void
  readonly ready: ReadyUploads
  /** Now, and later than any time it has answered before: what orders uploads. */
  receiptTime(): Date
}

/**
 * `required`: TLS before USER. `optional`: plain sessions too. `implicit`: TLS from the first byte, which makes the
 * endpoint `ftps`.
 */
export type FtpTls =
  | { readonly mode: 'off' }
  | { readonly mode: 'required' | 'optional' | 'implicit'; readonly server: ServerTls }

export interface PassiveOptions {
  /** Data ports, both ends included; 0 and 0 take any free port. */
  readonly minPort: number
  readonly maxPort: number
  /** The IPv4 address told to clients; null tells them that of the control connection. */
  address?(): string | null
}

export interface FtpLimits {
  /** Until a client has logged in. */
  readonly loginSeconds: number
  /** Between two commands. */
  readonly idleSeconds: number
  /** Without a byte on the data connection, and until a client opens it. */
  readonly stallSeconds: number
}
