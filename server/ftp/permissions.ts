import type { TeamPath } from '../../model/team-path.ts'
import { mayRead, mayRename, mayTouch } from '../permissions.ts'
import { LEDGER_PATIENCE_MILLISECONDS } from '../upload.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'

export async function checkOwn({ user, options }: FtpSession, path: TeamPath): Promise<void> {
  if (!(await mayTouch(options.db, user, path)))
    throw new Refusal(550, 'This account may do that only with its own uploads.')
}

/** As `checkOwn`, for an upload to a name that is taken. */
export async function checkReplaceable({ user, options, ledger }: FtpSession, path: TeamPath): Promise<void> {
  if (user.account.permissions === 'full') return
  // What stands there may be this session's own last upload.
  await ledger.caughtUp(LEDGER_PATIENCE_MILLISECONDS)
  if (!(await mayTouch(options.db, user, path)))
    throw new Refusal(553, 'This account may replace only its own uploads.')
}

/** As `checkOwn`, for a new name. */
export async function checkRenamable({ user, options }: FtpSession, path: TeamPath): Promise<void> {
  if (!(await mayRename(options.db, user, path)))
    throw new Refusal(550, 'This account may rename only its own uploads that are not imported yet.')
}

/** As `checkOwn`, for what gives content away: an upload that has been imported is student data at rest. */
export async function checkReadable(session: FtpSession, path: TeamPath): Promise<void> {
  const { user, options } = session
  if (!(await mayRead(options.db, user, path)))
    throw new Refusal(550, 'This account may do that only with its own uploads that are not imported yet.')
}
