import { createServer, type Server, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import { isUsualAddress } from '../../store/ftp-accounts.ts'
import type { Endpoint } from '../endpoint.ts'
import { addressOf } from '../ftp/control/ftp-srv-shell.ts'
import { ReadyUploads } from '../uploads/ready-uploads.ts'
import { WindowBudget } from './channel.ts'
import { SftpConnection } from './connection.ts'
import type { SftpEndpointContext, SftpOptions } from './sftp-options.ts'

/** How long a transfer in progress may go on once the service stops. */
const STOP_MS = 8000

/**
 * Nothing that rests on SHA-1 or CBC; ssh2 alone adds `ssh-rsa` behind the host keys, for clients that know no better. No
 * compression, which would let a few bytes cost much memory.
 */
const ALGORITHMS: ssh2.Algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
}

/** SFTP over SSH, by ssh2. A file is ready when the client closes its handle. */
export function sftpEndpoint(options: SftpOptions): Endpoint {
  return new SftpEndpoint(options)
}

class SftpEndpoint implements Endpoint {
  readonly name = 'sftp'
  readonly #options: SftpEndpointContext
  readonly #listener: Server
  readonly #ssh: ssh2.Server
  readonly #windows = new WindowBudget()
  /** By the client's address and port: ssh2 announces a connection by these, some time after its socket. */
  readonly #connections = new Map<string, SftpConnection>()

  constructor(options: SftpOptions) {
    let last = 0
    this.#options = {
      ...options,
      log: options.log.child({ endpoint: this.name }),
      ready: new ReadyUploads(options.db),
      receiptTime() {
        last = Math.max(last + 1, Date.now())
        return new Date(last)
      },
    }
    this.#ssh = new ssh2.Server({
      hostKeys: [...options.hostKeys.privateKeys],
      algorithms: ALGORITHMS,
      ident: 'Rosterport',
    })
    this.#ssh.on('connection', (client, { ip, port }) => {
      const connection = this.#connections.get(`${ip} ${port}`)
      if (connection) connection.begin(client)
      else client.end()
    })
    this.#listener = createServer((socket) => this.#accept(socket))
    options.behindProxy?.(this.#listener)
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', reject).listen(this.#options.port, this.#options.host, resolve)
    })
    this.#listener.on('error', (error) => this.#options.log.error({ err: error }, 'listener failed'))
    return addressOf(this.#listener)
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve))
    const connections = [...this.#connections.values()]
    for (const connection of connections) connection.stop()
    const overdue = setTimeout(() => {
      for (const connection of connections) connection.destroy()
    }, STOP_MS)
    await Promise.all(connections.map(({ finished }) => finished))
    clearTimeout(overdue)
    await closed
  }

  #accept(socket: Socket): void {
    const { access, db } = this.#options
    const connection = new SftpConnection(socket, this.#options, this.#windows)
    const { address } = connection
    if (!access.enter(address)) {
      connection.destroy()
      return
    }
    if (access.isBanned(address) && !access.isUsual(address, () => isUsualAddress(db, address))) {
      access.left(address)
      connection.destroy()
      return
    }
    const wait = access.waitToBegin(address)
    if (wait === null) {
      access.left(address)
      connection.destroy()
      return
    }
    const key = `${socket.remoteAddress} ${socket.remotePort}`
    this.#connections.set(key, connection)
    void connection.finished.then(() => {
      this.#connections.delete(key)
      access.left(address)
    })
    // The handshake is what costs, so nothing is read before its turn.
    if (wait === 0) this.#ssh.injectSocket(socket)
    else setTimeout(() => socket.destroyed || this.#ssh.injectSocket(socket), wait).unref()
  }
}
