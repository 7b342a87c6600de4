import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { EndpointName, NoRoom } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { LoggedIn } from '../login.ts'
import type { LedgerQueue } from './ledger-queue.ts'
import type { ReadyUploads } from './ready-uploads.ts'

/** The part of a session that an upload needs. */
export interface ReceivingSession {
  readonly source: EndpointName
  readonly user: LoggedIn
  readonly address: string
  readonly ledger: LedgerQueue
  readonly options: {
    readonly db: Database
    readonly processName: string
    readonly ready: ReadyUploads
    receiptTime(): Date
    uploadReady?(team: Team, path: TeamPath): void
    noRoom?(team: Team, noRoom: NoRoom): void
  }
  /** By `user`, who may have left the session since. */
  event(action: string, path: TeamPath, details: Record<string, unknown>, user: LoggedIn, level?: 'info' | 'warn'): void
}
