import { z } from 'zod'
import { teamPath } from '../../model/team-path.ts'
import type { ReceivedBytes, StartedUpload } from '../../store/uploads/received-bytes.ts'

/** Replaces the ledger entry while the database is unreachable, beside the hidden file. */
const note = z.object({
  /** The process that wrote it. */
  process: z.string(),
  id: z.uuid(),
  path: z.string().transform(teamPath),
  source: z.enum(['ftp', 'ftps', 'sftp']),
  account: z.string().nullable(),
  address: z.string().nullable(),
  bytes: z.number(),
  sha256: z.string(),
  device: z.string().transform(BigInt),
  inode: z.string().transform(BigInt),
  receivedAt: z.iso.datetime().transform((text) => new Date(text)),
})

export interface UploadNote {
  /** The name of the database connections of the process that received it. */
  process: string
  upload: StartedUpload
  received: ReceivedBytes & { receivedAt: Date }
}

export function noteText({ process, upload, received }: UploadNote): string {
  const { id, path, source, account, address } = upload
  const { bytes, sha256, identity, receivedAt } = received
  return JSON.stringify({
    ...{ process, id, path, source, account, address, bytes, sha256 },
    device: String(identity.device),
    inode: String(identity.inode),
    receivedAt: receivedAt.toISOString(),
  })
}

/** Null for a note that is not whole: then no client was told that its upload was taken. */
export function readNote(teamId: number, temporaryName: string, text: string): UploadNote | null {
  try {
    const { process, device, inode, receivedAt, bytes, sha256, ...upload } = note.parse(JSON.parse(text))
    return {
      process,
      upload: { ...upload, teamId, temporaryName },
      received: { bytes, sha256, receivedAt, identity: { device, inode, bytes } },
    }
  } catch {
    return null
  }
}
