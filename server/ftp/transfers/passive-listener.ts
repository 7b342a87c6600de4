import { randomInt } from 'node:crypto'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { plainAddress } from '../../../model/network.ts'
import { FtpRefusal } from '../control/ftp-replies.ts'
import type { PassiveOptions } from '../ftp-options.ts'
import { type DataChannel, inTime } from './data-channel.ts'

/** Of a crowded range this many ports are tried, so that a search takes some milliseconds at most. */
const TRIES = 500

/** One port that waits for one data connection of one client. A stranger who connects is dropped and changes nothing. */
export class PassiveListener implements DataChannel {
  readonly port: number
  readonly #server: Server
  readonly #connected: Promise<Socket>
  #connection: Socket | null = null
  #taken = false

  private constructor(server: Server, client: string) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.#connected = new Promise((resolve) => {
      server.on('connection', (socket) => {
        if (this.#connection || plainAddress(socket.remoteAddress ?? '') !== plainAddress(client)) {
          socket.destroy()
          return
        }
        this.#connection = socket
        // What goes wrong before the transfer begins is met by the transfer, which finds the socket destroyed.
        socket.on('error', () => {})
        resolve(socket)
      })
    })
  }

  /** Listens on the first free port from one chosen at random: a client's next port must not be guessed. */
  static async open(host: string, client: string, { minPort, maxPort }: PassiveOptions): Promise<PassiveListener> {
    const size = maxPort - minPort + 1
    const first = randomInt(size)
    for (let tried = 0; tried < Math.min(size, TRIES); tried++) {
      const server = createServer({ pauseOnConnect: true, noDelay: true })
      const port = minPort + ((first + tried) % size)
      if (await listens(server, host, port)) return new PassiveListener(server, client)
    }
    throw new FtpRefusal(425, 'No passive port available; try again.')
  }

  async accept(milliseconds: number, signal: AbortSignal): Promise<Socket> {
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
    this.#server.close()
    if (!this.#taken) this.#connection?.destroy()
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
