import type { CommandSession } from './command-session.ts'
import { Refusal } from './control/ftp-replies.ts'

/** PBSZ (RFC 4217 section 8): TLS has no buffer to agree on. */
export async function bufferSize(session: CommandSession, argument: string): Promise<void> {
  demandSecure(session)
  if (!/^\d{1,10}$/.test(argument)) throw new Refusal(501, 'PBSZ takes a number; send PBSZ 0.')
  session.bufferAgreed = true
  await session.reply(200, 'PBSZ=0')
}

/** PROT (RFC 4217 section 9): data on a secure connection are always private. */
export async function protection(session: CommandSession, argument: string): Promise<void> {
  demandSecure(session)
  if (!session.bufferAgreed) throw new Refusal(503, 'Send PBSZ 0 first.')
  const level = argument.toUpperCase()
  if (level === 'C') throw new Refusal(534, 'Data connections must be private here: send PROT P.')
  if (level === 'S' || level === 'E') throw new Refusal(536, 'TLS knows PROT P alone.')
  if (level !== 'P') throw new Refusal(504, 'This level is not known; send PROT P.')
  await session.reply(200, 'Data connections are private.')
}

function demandSecure({ connection }: CommandSession): void {
  if (!connection.secure) throw new Refusal(503, 'Send AUTH TLS first.')
}
