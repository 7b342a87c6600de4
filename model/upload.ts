import type { FileVerdict } from './run.ts'
import type { TeamPath } from './team-path.ts'

export type EndpointName = 'ftp' | 'ftps' | 'sftp'

/** Where a file came from; `host` was put into the root by other means than our endpoints. */
export type UploadSource = EndpointName | 'manual' | 'host'

/**
 * `receiving`: bytes are arriving under a hidden name. `unconfirmed`: the data ended cleanly, but the client has not yet
 * shown that it is still there. `ready`: whole, under its final name. `incomplete`: it broke off; nothing was published.
 */
export type UploadState = 'receiving' | 'incomplete' | 'unconfirmed' | 'ready'

/** What kept an upload from being stored. */
export type NoRoom = 'disk_full' | 'quota'

/** What people are told about such an upload. */
export const NO_ROOM: Record<NoRoom, string> = {
  disk_full:
    'The disk of the service is full, so nothing of the upload was stored. Free space or enlarge the disk, then have the file sent again.',
  quota:
    "The team's quota is used up, so nothing of the upload was stored. Remove files or raise the quota, then have the file sent again.",
}

/** One transfer into a team's root, as the ledger keeps it. Times are the server's, never the client's. */
export interface Upload {
  id: string
  teamId: number
  path: TeamPath
  source: UploadSource
  account: string | null
  address: string | null
  state: UploadState
  startedAt: Date
  /** When the upload was complete: what orders files. */
  receivedAt: Date | null
  bytes: number
  sha256: string | null
  /** Tells this very file from another of the same name. */
  identity: FileIdentity | null
  verdict: FileVerdict | null
  verdictReason: string | null
  /** The version of the settings under which it was judged. */
  verdictSettingsVersion: number | null
  noRoom: NoRoom | null
}

/** What stays the same as long as a path leads to the same file. */
export interface FileIdentity {
  device: bigint
  inode: bigint
  bytes: number
}

export function sameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode && a.bytes === b.bytes
}
