import type { TeamPath } from '../../model/team-path.ts'
import { presentUpload } from '../../store/uploads.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'

/**
 * An account with the permission `upload` reads, renames and deletes only what it has uploaded: a stolen password of a
 * student information system gives away no student data.
 */
export async function checkOwn({ user, options }: FtpSession, path: TeamPath): Promise<void> {
  if (user.account.permissions === 'full') return
  const upload = await presentUpload(options.db, user.team.id, path)
  if (upload?.account !== user.account.username)
    throw new Refusal(550, 'This account may do that only with its own uploads.')
}

/** As `checkOwn`, for what gives content away: an upload that has been imported is student data at rest. */
export async function checkReadable(session: FtpSession, path: TeamPath): Promise<void> {
  const { user, options } = session
  if (user.account.permissions === 'full') return
  const upload = await presentUpload(options.db, user.team.id, path)
  if (upload?.account !== user.account.username || upload.verdict === 'imported')
    throw new Refusal(550, 'This account may do that only with its own uploads that are not imported yet.')
}
