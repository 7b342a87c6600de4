import { isIPv4, isIPv6 } from 'node:net'
import { addressMatcher, withoutZone } from '../../model/network.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'
import { ActiveChannel } from './transfers/data-channel.ts'
import { PassiveListener } from './transfers/passive-listener.ts'

/** Ports that there are where no range is set. */
const EVERY_PORT = 65_535

/** PASV: RFC 959. */
export async function pasv(session: CommandSession): Promise<void> {
  demandNotAll(session)
  const { passive } = session.options
  const told = passive.address?.() ?? session.serverAddress
  if (!isIPv4(told) || !isIPv4(session.address)) throw new FtpRefusal(425, 'PASV supports IPv4 only; use EPSV.')
  const { port } = await listen(session)
  await session.reply(227, `Entering Passive Mode (${told.replaceAll('.', ',')},${port >> 8},${port & 255}).`)
}

/** EPSV: RFC 2428. */
export async function epsv(session: CommandSession, argument: string): Promise<void> {
  if (/^ALL$/i.test(argument)) {
    session.onlyExtendedPassive = true
    return session.reply(200, 'EPSV ALL OK.')
  }
  const family = isIPv4(session.address) ? '1' : '2'
  if (!/^\d*$/.test(argument)) throw new FtpRefusal(501, 'EPSV accepts 1, 2 or ALL.')
  if (argument !== '' && argument !== family)
    throw new FtpRefusal(522, `Network protocol not supported, use (${family})`)
  const { port } = await listen(session)
  await session.reply(229, `Entering Extended Passive Mode (|||${port}|)`)
}

/** A session has one listener: the one before is closed. A team has a share of the ports. */
async function listen(session: CommandSession): Promise<PassiveListener> {
  closeData(session)
  const { address, options, user } = session
  const { minPort, maxPort } = options.passive
  const size = minPort === 0 ? EVERY_PORT : maxPort - minPort + 1
  if (!options.access.holdPort(user.team.id, size))
    throw new FtpRefusal(425, 'Too many data ports of this team are in use; try again.')
  const free = () => options.access.freedPort(user.team.id)
  const listener = await PassiveListener.open(options, address, free).catch((error: unknown) => {
    free()
    throw error
  })
  if (session.reader.lost) listener.close()
  else session.data = listener
  return listener
}

/** PORT: RFC 959. */
export async function port(session: CommandSession, argument: string): Promise<void> {
  const numbers = /^\d{1,3}(?:,\d{1,3}){5}$/.test(argument) ? argument.split(',').map(Number) : []
  if (numbers.length === 0 || numbers.some((part) => part > 255))
    throw new FtpRefusal(501, 'PORT requires h1,h2,h3,h4,p1,p2.')
  const [high = 0, low = 0] = numbers.slice(4)
  await useActive(session, numbers.slice(0, 4).join('.'), high * 256 + low)
}

/** EPRT: RFC 2428. */
export async function eprt(session: CommandSession, argument: string): Promise<void> {
  const [whole, , family = '', host = '', port = ''] = /^([!-~])(\d+)\1(.+?)\1(\d{1,5})\1$/.exec(argument) ?? []
  if (whole === undefined || Number(port) > 65_535) throw new FtpRefusal(501, 'EPRT requires |protocol|address|port|.')
  if (family !== '1' && family !== '2') throw new FtpRefusal(522, 'Network protocol not supported, use (1,2)')
  if (!(family === '1' ? isIPv4(host) : isIPv6(host)))
    throw new FtpRefusal(501, 'Invalid address for this network protocol.')
  await useActive(session, host, Number(port))
}

function demandActive(session: CommandSession): void {
  if (!session.options.active) throw new FtpRefusal(502, 'Active mode is disabled; use PASV or EPSV.')
  demandNotAll(session)
}

function demandNotAll(session: CommandSession): void {
  if (session.onlyExtendedPassive) throw new FtpRefusal(501, 'Not allowed after EPSV ALL.')
}

/**
 * What is malformed is said by the caller before, whether or not there is active mode. Only to the client itself, and to no well-known port: anything else is
 * an FTP bounce attack.
 */
async function useActive(session: CommandSession, host: string, port: number): Promise<void> {
  demandActive(session)
  if (!sameAddress(host, session.address)) throw new FtpRefusal(501, 'Illegal PORT: only your own address is allowed.')
  if (port < 1024) throw new FtpRefusal(501, 'Illegal PORT: the port must be from 1024 to 65535.')
  closeData(session)
  session.data = new ActiveChannel(session.address, port)
  await session.reply(200, 'PORT command successful.')
}

/** However an IPv6 address is written; the zone of a link-local one is that of the connection. */
function sameAddress(a: string, b: string): boolean {
  if (isIPv4(a) || isIPv4(b)) return a === b
  return addressMatcher([withoutZone(b)])(a)
}

function closeData(session: CommandSession): void {
  session.data?.close()
  session.data = null
}
