import { FileProblem } from '../files/file-area.ts'
import type { TeamPath } from '../model/team-path.ts'
import type { FileIdentity, Upload } from '../model/upload.ts'
import type { Database } from '../store/database.ts'
import { uploadOfFile } from '../store/uploads/find.ts'
import type { LoggedIn } from './login.ts'

/**
 * Whether this login may rename, replace or delete what stands under `path`. An account with the permission `upload` may do
 * so only with what it has uploaded: a stolen password of a student information system gives away no student data. What
 * counts is the file that stands there now, not what the name stood for before.
 */
export async function mayTouch(db: Database, user: LoggedIn, path: TeamPath): Promise<boolean> {
  return user.account.permissions === 'full' || (await ownUpload(db, user, path)) !== null
}

/** As `mayTouch`, for a new file: a name that nobody has is free for everyone. */
export async function mayTake(db: Database, user: LoggedIn, path: TeamPath): Promise<boolean> {
  if (user.account.permissions === 'full') return true
  try {
    return await mayTouch(db, user, path)
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return true
    throw error
  }
}

/** As `mayTouch`, for a new name, under which the ledger forgets what an import has made of the file or is making of it. */
export async function mayRename(db: Database, user: LoggedIn, path: TeamPath): Promise<boolean> {
  if (user.account.permissions === 'full') return true
  const upload = await ownUpload(db, user, path)
  return upload !== null && upload.verdict !== 'imported' && upload.verdict !== 'claimed'
}

/** As `mayTouch`, for what gives the content of an opened file away: an import leaves student data at rest. */
export async function mayRead(
  db: Database,
  user: LoggedIn,
  { path, identity }: { path: TeamPath; identity: FileIdentity },
): Promise<boolean> {
  if (user.account.permissions === 'full') return true
  const upload = await uploadOfFile(db, user.team.id, path, identity)
  return upload?.account === user.account.username && upload.verdict !== 'imported'
}

async function ownUpload(db: Database, { account, team, area }: LoggedIn, path: TeamPath): Promise<Upload | null> {
  const { identity } = await area.stat(path)
  const upload = await uploadOfFile(db, team.id, path, identity)
  return upload?.account === account.username ? upload : null
}
