import type { TeamPath } from '../model/team-path.ts'
import type { Database } from '../store/database.ts'
import { presentUpload } from '../store/uploads.ts'
import type { Login } from './login.ts'

/**
 * Whether this login may rename, replace or delete what stands under `path`. An account with the permission `upload` may do
 * so only with what it has uploaded: a stolen password of a student information system gives away no student data.
 */
export async function mayTouch(db: Database, { account, team }: Login, path: TeamPath): Promise<boolean> {
  if (account.permissions === 'full') return true
  return (await presentUpload(db, team.id, path))?.account === account.username
}

/** As `mayTouch`, for a new name, under which the ledger forgets what an import has made of the file or is making of it. */
export async function mayRename(db: Database, { account, team }: Login, path: TeamPath): Promise<boolean> {
  if (account.permissions === 'full') return true
  const upload = await presentUpload(db, team.id, path)
  return upload?.account === account.username && upload.verdict !== 'imported' && upload.verdict !== 'claimed'
}

/** As `mayTouch`, for what gives content away: an upload that has been imported is student data at rest. */
export async function mayRead(db: Database, { account, team }: Login, path: TeamPath): Promise<boolean> {
  if (account.permissions === 'full') return true
  const upload = await presentUpload(db, team.id, path)
  return upload?.account === account.username && upload.verdict !== 'imported'
}
