import { randomInt } from 'node:crypto'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { plainAddress } from '../../../model/network.ts'
import { FtpRefusal } from '../control/ftp-replies.ts'
import type { FtpContext } from '../ftp-options.ts'
import { type DataChannel, inTime } from './data-channel.ts'

/** Of a crowded range this many ports are tried, so that a search takes some milliseconds at most. */
const TRIES = 500
/** A listener that no client has connected to by then is closed. */
export const UNUSED_MS = 30_000

/** A connection that no transfer took is heard out for this long. */
const DROP_MS = 2_000

/** One port that waits for one data connection of one client. A stranger who connects is dropped and changes nothing. */
export class PassiveListener implements DataChannel {
  readonly port: number
  readonly #server: Server
  readonly #connected: Promise<Socket>
  /** Lets others have the port. */
  readonly #freed: () => void
  readonly #stopWaiting: () => void
  readonly #after: FtpContext['after']
  #listening = true
  #unused = false
  #connection: Socket | null = null
  #taken = false

  private constructor(server: Server, client: string, { after }: Pick<FtpContext, 'after'>, freed: () => void) {
    this.#server = server
    this.#freed = freed
    this.#after = after
    this.#stopWaiting = after(UNUSED_MS, () => {
      this.#unused = true
      this.#stopListening()
    })
    this.port = (server.address() as AddressInfo).port
    this.#connected = new Promise((resolve) => {
      server.on('connection', (socket) => {
        if (this.#connection || plainAddress(socket.remoteAddress ?? '') !== plainAddress(client)) {
          socket.destroy()
          return
        }
        this.#connection = socket
        this.#stopListening()
        // What goes wrong before the transfer begins is met by the transfer, which finds the socket destroyed.
        socket.on('error', () => {})
        resolve(socket)
      })
    })
  }

  /**
   * Listens on the first free port from one chosen at random: a client's next port must not be guessed. `freed` is called once
   * when it no longer listens.
   */
  static async open(
    {
      host,
      passive: { minPort, maxPort },
      after,
      behindProxy,
    }: Pick<FtpContext, 'host' | 'passive' | 'after' | 'behindProxy'>,
    client: string,
    freed: () => void,
  ): Promise<PassiveListener> {
    const size = maxPort - minPort + 1
    const first = randomInt(size)
    for (let tried = 0; tried < Math.min(size, TRIES); tried++) {
      const server = createServer({ pauseOnConnect: true, noDelay: true })
      const port = minPort + ((first + tried) % size)
      if (!(await listens(server, host, port))) continue
      const listener = new PassiveListener(server, client, { after }, freed)
      behindProxy?.(server)
      return listener
    }
    throw new FtpRefusal(425, 'No passive port available; try again.')
  }

  async accept(milliseconds: number, signal: AbortSignal): Promise<Socket> {
    if (this.#unused) throw new FtpRefusal(425, 'Data port closed, as no connection came; send PASV or EPSV again.')
    this.#stopWaiting()
    try {
      const socket = await inTime(this.#connected, milliseconds, signal)
      this.#taken = true
      return socket
    } finally {
      this.close()
    }
  }

  /** Stops listening; a connection that no transfer took is dropped. */
  close(): void {
    this.#stopListening()
    if (!this.#taken && this.#connection) this.#drop(this.#connection)
  }

  /** Left unread, what the client has sent would turn the close into a reset, which clients report in place of the reply. */
  #drop(connection: Socket): void {
    connection.resume().end()
    const stop = this.#after(DROP_MS, () => connection.destroy())
    connection.on('close', stop)
  }

  #stopListening(): void {
    if (!this.#listening) return
    this.#listening = false
    this.#stopWaiting()
    this.#server.close()
    this.#freed()
  }
}

function listens(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      // Accepting can fail (no descriptor left): the client then sees no data connection, and a refusal.
      server.on('error', () => {})
      resolve(true)
    })
  })
}
