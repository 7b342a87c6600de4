import { isIPv4 } from 'node:net'
import { plainAddress } from '../login.ts'
import { PassiveListener } from './passive.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'

/** PASV: RFC 959. */
export async function pasv(session: FtpSession): Promise<void> {
  if (session.onlyExtendedPassive) throw new Refusal(501, 'PASV is not allowed after EPSV ALL.')
  const { passive, host } = session.options
  const told = passive.host ?? plainAddress(session.connection.commandSocket.localAddress ?? host)
  if (!isIPv4(told)) throw new Refusal(425, 'PASV knows IPv4 only; use EPSV.')
  const { port } = await listen(session)
  await session.reply(227, `Entering Passive Mode (${told.replaceAll('.', ',')},${port >> 8},${port & 255}).`)
}

/** EPSV: RFC 2428. */
export async function epsv(session: FtpSession, argument: string): Promise<void> {
  if (/^ALL$/i.test(argument)) {
    session.onlyExtendedPassive = true
    return session.reply(200, 'Only EPSV from now on.')
  }
  const family = isIPv4(session.address) ? '1' : '2'
  if (argument !== '' && argument !== family) throw new Refusal(522, `Network protocol not supported, use (${family})`)
  const { port } = await listen(session)
  await session.reply(229, `Entering Extended Passive Mode (|||${port}|)`)
}

/** A session has one listener: the one before is closed. */
async function listen(session: FtpSession): Promise<PassiveListener> {
  session.passive?.close()
  session.passive = null
  const listener = await PassiveListener.open(session.options.host, session.address, session.options.passive)
  if (session.reader.lost) listener.close()
  else session.passive = listener
  return listener
}
