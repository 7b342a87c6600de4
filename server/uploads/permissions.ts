import { type FileEntry, FileProblem, type OpenFile } from '../../files/file-area.ts'
import { seenFile, seenOpen } from '../../files/seen-file.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { sameFile, type Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { uploadOfFile } from '../../store/uploads/recognise.ts'
import { writtenFile } from '../../store/written/standing-files.ts'
import type { LoggedIn } from '../login.ts'

/**
 * May this login rename, replace or delete the file at `path`? An account with the permission `upload` may do
 * so only with what it has uploaded: a stolen password of a student information system gives away no student data. What
 * counts is the file that is there now, not an earlier one of that name.
 */
export async function mayTouch(db: Database, user: LoggedIn, path: TeamPath): Promise<boolean> {
  return user.account.permissions === 'full' || (await ownUpload(db, user, path)) !== null
}

/** As `mayTouch`, for a new file: a free name is open to every account. */
export async function mayTake(db: Database, user: LoggedIn, path: TeamPath): Promise<boolean> {
  return new Taking(db, user, path).allowed()
}

/** As `mayTake`, but called often during an upload: remembers the answer while the file is the same. */
export class Taking {
  readonly #db: Database
  readonly #user: LoggedIn
  readonly #path: TeamPath
  #own: FileEntry | null = null

  constructor(db: Database, user: LoggedIn, path: TeamPath) {
    this.#db = db
    this.#user = user
    this.#path = path
  }

  async allowed(): Promise<boolean> {
    if (this.#user.account.permissions === 'full') return true
    const entry = await this.#standing()
    if (!entry || isUnchanged(entry, this.#own)) return true
    const { account, team, area } = this.#user
    const upload = await uploadOfFile(this.#db, team.id, seenFile(area, entry))
    if (upload?.account !== account.username) return false
    this.#own = entry
    return true
  }

  async #standing(): Promise<FileEntry | null> {
    try {
      return await this.#user.area.stat(this.#path)
    } catch (error) {
      if (error instanceof FileProblem && error.kind === 'not-found') return null
      throw error
    }
  }
}

/** No client can set the time of the last change: a different file has a different one. */
function isUnchanged(entry: FileEntry, before: FileEntry | null): boolean {
  return (
    before !== null &&
    sameFile(entry.identity, before.identity) &&
    entry.changedAt.getTime() === before.changedAt.getTime()
  )
}

/** As `mayTouch`, for a new name, under which the ledger forgets what an import has made of the file or is making of it. */
export async function mayRename(db: Database, user: LoggedIn, path: TeamPath): Promise<boolean> {
  if (user.account.permissions === 'full') return true
  const upload = await ownUpload(db, user, path)
  return upload !== null && upload.verdict !== 'imported' && upload.verdict !== 'claimed'
}

/**
 * As `mayTouch`, for what gives the content of an opened file away: an import leaves student data at rest. What the service
 * wrote for the sender is open to every account of the team.
 */
export async function mayRead(db: Database, user: LoggedIn, file: OpenFile): Promise<boolean> {
  if (user.account.permissions === 'full') return true
  const seen = seenOpen(user.area, file)
  const upload = await uploadOfFile(db, user.team.id, seen)
  if (!upload) return (await writtenFile(db, user.team.id, seen)) !== null
  return upload.account === user.account.username && upload.verdict !== 'imported'
}

/** As `mayTouch`, for its removal: whoever may read what the service wrote may also clear it away. */
export async function mayRemove(db: Database, user: LoggedIn, path: TeamPath): Promise<boolean> {
  if (await mayTouch(db, user, path)) return true
  const { area, team } = user
  return (await writtenFile(db, team.id, seenFile(area, await area.stat(path)))) !== null
}

async function ownUpload(db: Database, { account, team, area }: LoggedIn, path: TeamPath): Promise<Upload | null> {
  const upload = await uploadOfFile(db, team.id, seenFile(area, await area.stat(path)))
  return upload?.account === account.username ? upload : null
}
