import { once } from 'node:events'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { FileProblem } from '../../../files/file-area.ts'
import { QuotaProblem } from '../../../files/storage-guard.ts'
import type { CommandSession, Transfer } from '../command-session.ts'
import { FtpRefusal } from '../control/ftp-replies.ts'
import { DataTlsSocket } from './close-notify.ts'

/** A data connection that may be TLS. */
export interface DataConnection {
  readonly socket: Socket
  /** Resolves when bytes can be sent, which over TLS is after its handshake; rejects where the client closes before. */
  open(): Promise<void>
  /** Why its end is no proof that the client has closed it; null where it is. */
  cutOff(): string | null
}

/**
 * Runs one transfer over the data connection that PASV or EPSV has prepared. 150 goes out before the client's data
 * connection is there: some clients open it, or begin its TLS, only then. Rejects with the reply for the client.
 */
export async function transfer(
  session: CommandSession,
  about: string,
  run: (data: DataConnection, transfer: Transfer) => Promise<void>,
  { strictClose }: { strictClose: boolean } = { strictClose: false },
): Promise<void> {
  const channel = session.data
  if (!channel) throw new FtpRefusal(425, 'Use PORT or PASV first.')
  session.data = null
  const stall = session.options.limits.stallSeconds * 1000
  const abort = new AbortController()
  let data: Socket | null = null
  let stopWatch = () => {}
  const current: Transfer = {
    dataEnded: false,
    get bytes() {
      return data ? data.bytesRead + data.bytesWritten : 0
    },
    abort(reason) {
      abort.abort(reason)
      data?.destroy(reason)
    },
  }
  session.transfer = current
  try {
    if (session.reader.lost) throw new FtpRefusal(426, 'Control connection lost.')
    await session.reply(150, about)
    const socket = await channel.accept(stall, abort.signal)
    const connection = secured(session, socket, strictClose)
    data = connection.socket
    stopWatch = whenStalled(socket, stall, () => current.abort(new FtpRefusal(426, 'Data connection timed out.')))
    await run(connection, current)
    // Closed by both sides in turn: to destroy it could take back what the client has not read yet.
    data.resume()
    if (!data.writableEnded) data.end()
  } catch (error) {
    data?.destroy()
    if (abort.signal.aborted) throw abort.signal.reason
    if (error instanceof FtpRefusal || error instanceof FileProblem || error instanceof QuotaProblem) throw error
    if (isClearData(error)) throw new FtpRefusal(426, 'Data connections must be encrypted: send PBSZ 0 and PROT P.')
    if (isConnectionError(error)) throw new FtpRefusal(426, 'Connection closed; transfer aborted.')
    throw error
  } finally {
    stopWatch()
    channel.close()
    session.transfer = null
  }
}

const LOOKS = 20

/** Calls `stalled` after this long without a byte. A socket timeout would restart whenever its queue changes. */
function whenStalled(socket: Socket, milliseconds: number, stalled: () => void): () => void {
  let [seen, since] = [-1, performance.now()]
  const timer = setInterval(() => {
    const moved = socket.bytesRead + socket.bytesWritten
    const now = performance.now()
    if (moved !== seen) [seen, since] = [moved, now]
    else if (now - since >= milliseconds) stalled()
  }, milliseconds / LOOKS)
  return () => clearInterval(timer)
}

/** On a secure control connection data is always private. */
function secured(session: CommandSession, socket: Socket, strictClose: boolean): DataConnection {
  const { tls } = session.options
  if (!session.connection.secure || tls.mode === 'off') return { socket, open: async () => {}, cutOff: () => null }
  const options = { isServer: true, secureContext: tls.server.dataContext }
  const secure = strictClose ? new DataTlsSocket(socket, options) : new TLSSocket(socket, options)
  // The transfer reports a failure itself; one after its end is harmless.
  secure.on('error', () => {})
  let handshaken = false
  secure.once('secure', () => {
    handshaken = true
  })
  return {
    socket: secure,
    open: () => (handshaken ? Promise.resolve() : handshake(secure)),
    cutOff() {
      if (!(secure instanceof DataTlsSocket) || secure.closedByClient) return null
      // Some clients do so for an empty file; but so does a cut connection.
      return secure.begun
        ? 'TLS connection cut off: close_notify missing.'
        : 'Data connection closed before the TLS handshake.'
    },
  }
}

/** An end that is sent before the handshake is that of the connection below, and clients take it for a cut one. */
async function handshake(secure: TLSSocket): Promise<void> {
  const ended = new AbortController()
  const closed = once(secure, 'close', { signal: ended.signal }).then(() => {
    throw secure.errored ?? new FtpRefusal(426, 'Data connection closed before the TLS handshake.')
  })
  try {
    await Promise.race([once(secure, 'secure', { signal: ended.signal }), closed])
  } finally {
    ended.abort()
    closed.catch(() => {})
  }
}

/** The client began to talk, but not with a TLS hello. */
function isClearData(error: unknown): boolean {
  return ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_HTTP_REQUEST'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function isConnectionError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return /^(ECONN|EPIPE|ETIMEDOUT|EPROTO|ERR_STREAM_|ERR_SSL_|ERR_TLS_)/.test(code)
}
