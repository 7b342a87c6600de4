import type { FileArea } from '../../files/file-area.ts'
import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { ReceivingSession } from '../uploads/receiving-session.ts'
import type { SftpChannel } from './channel.ts'
import type { Handles } from './handles.ts'
import type { SftpEndpointContext } from './sftp-options.ts'

/** An SFTP channel as its requests see it. */
export interface RequestSession extends ReceivingSession {
  readonly options: SftpEndpointContext
  readonly team: Team
  readonly area: FileArea
  readonly handles: Handles
  readonly channel: SftpChannel
  readonly stopping: boolean
  /** Records what the account did, in the log and in the audit. */
  event(action: string, path?: TeamPath, details?: Record<string, unknown>): void
  /** The path that a client's text names. */
  path(text: string): TeamPath
}
