import { FTP_USERNAME } from '../../store/ftp-accounts.ts'
import { TOO_MANY_SESSIONS_WAIT_MS } from '../access-guard.ts'
import { login } from '../login.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'

const MAX_FAILED_LOGINS = 3

/** USER. It may be given again, after a failed login too. */
export async function user(session: CommandSession, argument: string): Promise<void> {
  demandTls(session)
  if (session.login) throw new FtpRefusal(530, 'Already logged in; reconnect to change accounts.')
  session.username = argument
  await session.reply(331, 'Please specify the password.')
}

/**
 * PASS. A wrong password and an unknown user get the same reply, later with each try; an unreachable database is neither. From
 * a banned address only those are let in who came from there last.
 */
export async function pass(session: CommandSession, argument: string): Promise<void> {
  demandTls(session)
  const { username, address, options } = session
  if (session.login) throw new FtpRefusal(503, 'Already logged in.')
  if (username === null) throw new FtpRefusal(503, 'Login with USER first.')
  session.username = null
  await session.wait(options.access.loginWait(username, address))
  const onlyUsual = options.access.isBanned(address)
  const found = await login(options, { username, password: argument, address, onlyUsual }).catch((error: unknown) => {
    session.log.error({ err: error }, 'login check failed')
    return 'unavailable' as const
  })
  if (found === 'unavailable') return session.close(421, 'Service not available; try again later.')
  if (found) {
    if (!session.loggedIn(found)) {
      session.log.warn({ account: found.account.username }, 'login refused: too many sessions of this account')
      await session.wait(TOO_MANY_SESSIONS_WAIT_MS)
      return session.close(421, 'Too many sessions of this account; close one and try again.')
    }
    session.event('login')
    return session.reply(230, 'Login successful.')
  }
  await refuse(session, username)
}

async function refuse(session: CommandSession, username: string): Promise<void> {
  const { address, options } = session
  session.failedLogins += 1
  const { delayMilliseconds, banned } = options.access.failed(address)
  const actor = { name: loggable(username), kind: 'ftp_account' as const, address }
  options.events.add(actor, { action: 'ftp.login-failed', details: { failed: session.failedLogins } }, 'warn')
  if (banned) options.events.add(actor, { action: 'ftp.ban' }, 'warn')
  await session.wait(delayMilliseconds)
  if (banned) return session.close(421, 'Too many login failures.')
  if (session.failedLogins >= MAX_FAILED_LOGINS) return session.close(530, 'Login incorrect. Too many login failures.')
  throw new FtpRefusal(530, 'Login incorrect.')
}

/** People type passwords where the user name belongs, so what is no user name is not kept. */
function loggable(username: string): string {
  return FTP_USERNAME.test(username) ? username : '(no user name)'
}

/** REIN: as if the client had just connected. RFC 4217 has it end TLS, and a client must not continue in the clear by mistake. */
export async function reinitialize(session: CommandSession): Promise<void> {
  if (session.connection.secure) throw new FtpRefusal(502, 'REIN is not available over TLS; reconnect instead.')
  session.reset()
  await session.reply(220, 'Ready for a new login.')
}

function demandTls({ options, connection }: CommandSession): void {
  if (options.tls.mode === 'required' && !connection.secure)
    throw new FtpRefusal(530, 'TLS required: send AUTH TLS before USER (explicit FTP over TLS).')
}
