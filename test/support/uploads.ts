import type { TeamPath } from '../../model/team-path.ts'
import type { FileIdentity, Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { fileFound } from '../../store/uploads/found.ts'

/** Enters a file that was put into the root on the host and has settled. */
export async function enterFound(
  db: Database,
  teamId: number,
  file: { path: TeamPath; identity: FileIdentity; sha256: string },
): Promise<Upload> {
  const { path, identity, sha256 } = file
  const longAgo = new Date(0)
  const seen = { path, identity, changedAt: longAgo, modifiedAt: longAgo, sha256: async () => sha256 }
  const upload = await fileFound(db, teamId, {
    ...{ seen, settled: true, select: 'most_recent' },
    stands: async () => true,
  })
  if (!upload) throw new Error(`${path} was not entered`)
  return upload
}
