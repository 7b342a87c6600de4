import { TLSSocket } from 'node:tls'
import type { ServerTls } from '../tls.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'

/** AUTH TLS (RFC 4217). */
export async function authTls(session: CommandSession, argument: string): Promise<void> {
  const { tls } = session.options
  if (tls.mode === 'off') throw new FtpRefusal(502, 'TLS is not enabled.')
  if (!/^(TLS|TLS-C|SSL)$/i.test(argument)) throw new FtpRefusal(504, 'Unknown security mechanism; use AUTH TLS.')
  if (session.connection.secure) throw new FtpRefusal(503, 'TLS is already active.')
  // Whatever came behind AUTH came in the clear, from the client or an attacker in between: it must never pass for the
  // client's words inside TLS.
  if (session.reader.hasMore) return session.close(421, 'Data sent before the TLS handshake.')
  const told = session.reply(234, 'Proceed with TLS negotiation.')
  // In the same turn of the loop, or a fast client's hello would be read as text.
  secure(session, tls.server)
  await told
}

/** Upgrades the control connection to TLS. Forgets all plaintext input. */
export function secure(session: CommandSession, server: ServerTls): void {
  const { connection } = session
  const socket = new TLSSocket(connection.commandSocket, { isServer: true, secureContext: server.secureContext })
  socket.on('error', (error) => session.log.debug({ err: error }, 'TLS handshake of a control connection failed'))
  // What is still to be written waits for the handshake, and the socket for that: without a client neither would ever end.
  const endEarly = () => socket.destroy()
  socket.once('end', endEarly)
  socket.once('secure', () => socket.off('end', endEarly))
  connection.commandSocket = socket
  connection.secure = true
  session.bufferAgreed = false
  session.reset()
  session.reader.changeSocket(socket)
}
