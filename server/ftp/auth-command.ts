import { TLSSocket } from 'node:tls'
import type { ServerTls } from '../tls.ts'
import type { CommandSession } from './command-session.ts'
import { Refusal } from './control/ftp-replies.ts'

/** AUTH TLS (RFC 4217). */
export async function authTls(session: CommandSession, argument: string): Promise<void> {
  const { tls } = session.options
  if (tls.mode === 'off') throw new Refusal(502, 'TLS is not offered here.')
  if (!/^(TLS|TLS-C|SSL)$/i.test(argument)) throw new Refusal(504, 'Use AUTH TLS.')
  if (session.connection.secure) throw new Refusal(503, 'This connection is already secure.')
  // Whatever came behind AUTH came in the clear, from the client or from somebody between: it must never pass for the
  // client's words inside TLS.
  if (session.reader.hasMore) return session.close(421, 'Nothing may follow AUTH before TLS has begun.')
  const told = session.reply(234, 'Begin TLS now.')
  // In the same turn of the loop, or a fast client's hello would be read as text.
  secure(session, tls.server)
  await told
}

/** Puts TLS under the control connection. What was said in the clear is forgotten. */
export function secure(session: CommandSession, server: ServerTls): void {
  const { connection } = session
  const socket = new TLSSocket(connection.commandSocket, { isServer: true, secureContext: server.secureContext })
  socket.on('error', (error) => session.log.debug({ err: error }, 'TLS of a control connection failed'))
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
