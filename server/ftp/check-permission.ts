import type { OpenFile } from '../../files/file-area.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import { mayRead, mayRemove, mayRename, mayTake, mayTouch } from '../uploads/permissions.ts'
import { LEDGER_PATIENCE_MS } from '../uploads/received-upload.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'

/** `db` is the transaction that holds the name, where there is one. */
export async function checkOwn(
  { user, options }: CommandSession,
  path: TeamPath,
  db: Database = options.db,
): Promise<void> {
  if (!(await mayTouch(db, user, path)))
    throw new FtpRefusal(550, 'Permission denied: this account may change only its own uploads.')
}

/** As `checkOwn`, for the removal of a file. */
export async function checkRemovable(
  { user, options }: CommandSession,
  path: TeamPath,
  db: Database = options.db,
): Promise<void> {
  if (!(await mayRemove(db, user, path)))
    throw new FtpRefusal(550, 'Permission denied: this account may delete only its own uploads and results.')
}

/** As `checkOwn`, for an upload: also a free name is allowed. */
export async function checkReplaceable({ user, options, ledger }: CommandSession, path: TeamPath): Promise<void> {
  if (user.account.permissions === 'full') return
  // The file may be this session's own last upload.
  await ledger.caughtUp(LEDGER_PATIENCE_MS, ledger.about(path))
  if (!(await mayTake(options.db, user, path)))
    throw new FtpRefusal(553, 'Permission denied: this account may replace only its own uploads.')
}

/** As `checkOwn`, for a new name. */
export async function checkRenamable(
  { user, options }: CommandSession,
  path: TeamPath,
  db: Database = options.db,
): Promise<void> {
  if (!(await mayRename(db, user, path)))
    throw new FtpRefusal(
      550,
      'Permission denied: this account may rename only its own uploads that are not imported yet.',
    )
}

/** As `checkOwn`, for what gives the content of an opened file away: an import leaves student data at rest. */
export async function checkReadable({ user, options }: CommandSession, file: OpenFile): Promise<void> {
  if (!(await mayRead(options.db, user, file)))
    throw new FtpRefusal(
      550,
      'Permission denied: this account may read only its own uploads that are not imported yet.',
    )
}
