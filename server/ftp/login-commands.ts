import { login } from '../login.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'

const MAX_FAILED_LOGINS = 3

/** USER. It may be given again, after a failed login too. */
export async function user(session: FtpSession, argument: string): Promise<void> {
  demandTls(session)
  if (session.login) throw new Refusal(503, 'You are already logged in.')
  session.username = argument
  await session.reply(331, 'Now the password.')
}

/** PASS. A wrong password and an unknown user are told alike; a database out of reach is neither. */
export async function pass(session: FtpSession, argument: string): Promise<void> {
  demandTls(session)
  const { username, address, options } = session
  if (session.login) throw new Refusal(503, 'You are already logged in.')
  if (username === null) throw new Refusal(503, 'Send USER first.')
  session.username = null
  const found = await login(options, { username, password: argument, address }).catch((error: unknown) => {
    session.log.error({ err: error }, 'a login could not be checked')
    return 'unavailable' as const
  })
  if (found === 'unavailable') return session.close(421, 'The service is not available; try again later.')
  if (found) {
    session.loggedIn(found)
    session.log.info({ account: found.account.username, team: found.team.team }, 'logged in')
    return session.reply(230, 'You are logged in.')
  }
  session.failedLogins += 1
  session.log.warn({ failed: session.failedLogins }, 'login refused')
  if (session.failedLogins >= MAX_FAILED_LOGINS) return session.close(421, 'Too many failed logins.')
  throw new Refusal(530, 'Username or password is wrong.')
}

function demandTls({ options, connection }: FtpSession): void {
  if (options.tls.mode === 'required' && !connection.secure)
    throw new Refusal(530, 'TLS is required here: send AUTH TLS before USER (explicit FTP over TLS).')
}
