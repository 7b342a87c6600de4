import type { TeamPath } from '../../model/team-path.ts'
import { mayTouch } from '../permissions.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'

export async function checkOwn({ user, options }: FtpSession, path: TeamPath): Promise<void> {
  if (!(await mayTouch(options.db, user, path)))
    throw new Refusal(550, 'This account may do that only with its own uploads.')
}
