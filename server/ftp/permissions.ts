import type { TeamPath } from '../../model/team-path.ts'
import { mayRead, mayTouch } from '../permissions.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'

export async function checkOwn({ user, options }: FtpSession, path: TeamPath): Promise<void> {
  if (!(await mayTouch(options.db, user, path)))
    throw new Refusal(550, 'This account may do that only with its own uploads.')
}

/** As `checkOwn`, for what gives content away: an upload that has been imported is student data at rest. */
export async function checkReadable(session: FtpSession, path: TeamPath): Promise<void> {
  const { user, options } = session
  if (!(await mayRead(options.db, user, path)))
    throw new Refusal(550, 'This account may do that only with its own uploads that are not imported yet.')
}
