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
