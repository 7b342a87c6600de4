import type { FileVerdict } from './run.ts'
import type { TeamPath } from './team-path.ts'

export type EndpointName = 'ftp' | 'ftps' | 'sftp'

/** Where a file came from; `host` was copied into the root on the server. */
export type UploadSource = EndpointName | 'manual' | 'host'

/**
 * `receiving`: bytes are arriving under a hidden name. `unconfirmed`: the data ended cleanly, but the client has not yet
 * shown that it is still there. `ready`: whole, under its final name. `incomplete`: it broke off; nothing was published.
 */
export type UploadState = 'receiving' | 'incomplete' | 'unconfirmed' | 'ready'

export type NoRoom = 'disk_full' | 'quota'

/** Shown to people. */
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
  /** Tells this very file from another of the same name, as it was when it was last seen. */
  identity: FileIdentity | null
  /** Last change on the disk, as of the last look. */
  changedAt: Date | null
  /** Since when its file is missing from its path. */
  goneAt: Date | null
  /** A look found it gone, and no upload, command or import had removed it. */
  vanished: boolean
  verdict: FileVerdict | null
  verdictReason: string | null
  /** The version of the settings under which it was judged. */
  verdictSettingsVersion: number | null
  noRoom: NoRoom | null
}

/** Stable while a path leads to the same file on the same disk. */
export interface FileIdentity {
  device: bigint
  inode: bigint
  bytes: number
}

export function sameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode && a.bytes === b.bytes
}

/** A file as a look at the disk finds it. */
export interface SeenFile {
  path: TeamPath
  identity: FileIdentity
  changedAt: Date
  modifiedAt: Date
  /** Reads the file, so ask only where nothing else tells. null where it is gone or cannot be read. */
  sha256(): Promise<string | null>
}

/**
 * Tells whether the file at the path of an upload is the uploaded one. A restore, another disk, a remount or a second machine
 * gives it another identity, and then its bytes decide. Only the disk sets the time of the last change: with the inode it
 * identifies the file without reading it, even under another device number. A different time means a possible write.
 */
export function recognise(
  upload: Pick<Upload, 'identity' | 'changedAt' | 'bytes' | 'sha256'>,
  seen: Pick<SeenFile, 'identity' | 'changedAt'>,
): 'same' | 'other' | 'by_hash' {
  const { identity, changedAt, bytes, sha256 } = upload
  if ((identity?.bytes ?? bytes) !== seen.identity.bytes) return 'other'
  const isThere = identity !== null && sameFile(identity, seen.identity)
  if (isThere && (changedAt === null || sha256 === null)) return 'same'
  if (identity?.inode === seen.identity.inode && changedAt?.getTime() === seen.changedAt.getTime()) return 'same'
  return sha256 === null ? 'other' : 'by_hash'
}
