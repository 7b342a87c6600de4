import { connect, type Socket } from 'node:net'
import { FtpRefusal } from '../control/ftp-replies.ts'

/** Where the data connection of the next transfer comes from. */
export interface DataChannel {
  /** The data connection, still paused; refused when it does not come in time or `signal` calls it off. */
  accept(milliseconds: number, signal: AbortSignal): Promise<Socket>
  /** Gives up a connection that no transfer took. */
  close(): void
}

/** Waits for `connected`, but no longer than that and only until `signal`. */
export async function inTime<T>(connected: Promise<T>, milliseconds: number, signal: AbortSignal): Promise<T> {
  const { promise: cancelled, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new FtpRefusal(425, 'No data connection was opened in time.')), milliseconds)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    return await Promise.race([connected, cancelled])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** Active mode: we open the connection, to the client's own address. */
export class ActiveChannel implements DataChannel {
  readonly #to: { host: string; port: number }
  #socket: Socket | null = null

  constructor(host: string, port: number) {
    this.#to = { host, port }
  }

  async accept(milliseconds: number, signal: AbortSignal): Promise<Socket> {
    const socket = connect({ ...this.#to, noDelay: true }).pause()
    this.#socket = socket
    const connected = new Promise<Socket>((resolve, reject) => {
      socket.once('connect', () => resolve(socket))
      socket.once('error', () => reject(new FtpRefusal(425, 'Cannot open data connection.')))
    })
    try {
      return await inTime(connected, milliseconds, signal)
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  close(): void {
    if (this.#socket?.connecting) this.#socket.destroy()
  }
}
