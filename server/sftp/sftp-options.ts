import type { Server } from 'node:net'
import type { FileArea } from '../../files/file-area.ts'
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
import type { ReadyUploads } from '../uploads/ready-uploads.ts'
import type { UnconfirmedUploads } from '../uploads/unconfirmed-uploads.ts'
import type { HostKeys } from './host-keys.ts'

export interface SftpOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly hostKeys: HostKeys
  /** Applied before it listens: what a load balancer says of its clients. */
  behindProxy?(server: Server): void
  readonly limits: SftpLimits
  /** One each for all endpoints. */
  readonly access: AccessGuard
  readonly rights: AccountRights
  readonly storage: StorageGuard
  readonly events: EventLog
  readonly receiving: Receiving
  readonly db: Database
  /** The name of the database connections of this process. */
  readonly processName: string
  /** The key under which passwords are stored. */
  readonly secret: Buffer
  readonly log: Log
  /** The uploads over FTP that have yet to get their names. */
  readonly unconfirmed: UnconfirmedUploads
  fileAreaOf(team: Team): FileArea
  /** Called when a file gets its final name, by upload or by rename. */
  uploadReady?(team: Team, path: TeamPath): void
  /** Told when there was no room for an upload. */
  noRoom?(team: Team, noRoom: NoRoom): void
}

/** The dependencies of a session. */
export interface SftpEndpointContext extends SftpOptions {
  readonly ready: ReadyUploads
  /** Now, and later than any time it has answered before: what orders uploads. */
  receiptTime(): Date
}

export interface SftpLimits {
  /** Until a client has logged in. */
  readonly loginSeconds: number
  /** Between two requests. */
  readonly idleSeconds: number
}
