import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'

/** PBSZ (RFC 4217 section 8): TLS has no buffer to agree on. */
export async function bufferSize(session: CommandSession, argument: string): Promise<void> {
  demandSecure(session)
  if (!/^\d{1,10}$/.test(argument)) throw new FtpRefusal(501, 'PBSZ requires a number; send PBSZ 0.')
  session.bufferAgreed = true
  await session.reply(200, 'PBSZ=0')
}

/** PROT (RFC 4217 section 9): data on a secure connection are always private. */
export async function protection(session: CommandSession, argument: string): Promise<void> {
  demandSecure(session)
  if (!session.bufferAgreed) throw new FtpRefusal(503, 'PBSZ required first.')
  const level = argument.toUpperCase()
  if (level === 'C') throw new FtpRefusal(534, 'Data connections must be encrypted: send PROT P.')
  if (level === 'S' || level === 'E') throw new FtpRefusal(536, 'PROT level not supported over TLS; use PROT P.')
  if (level !== 'P') throw new FtpRefusal(504, 'Unknown PROT level; use PROT P.')
  await session.reply(200, 'Protection set to Private.')
}

function demandSecure({ connection }: CommandSession): void {
  if (!connection.secure) throw new FtpRefusal(503, 'AUTH TLS required first.')
}
