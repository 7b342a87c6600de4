import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'

/** Where a service is, and with what rights its worst customer comes: those of an administrator of one team. */
export interface AbuserRights {
  /** `host:port`. */
  http: string
  ftp: string
  sftp: string
  /** Of a signed-in administrator of the team. */
  cookie: string
  team: string
  account: { username: string; password: string }
  /** The address that the abuse comes from: other people have another one. */
  localAddress: string
}

interface Answer {
  status: number
  text: string
}

/** Connections and requests of one abuser, all of which end with `close`. */
export class Abuser {
  readonly rights: AbuserRights
  readonly #agent: Agent
  readonly #sockets = new Set<Socket>()
  #closed = false

  constructor(rights: AbuserRights) {
    this.rights = rights
    this.#agent = new Agent({ keepAlive: true, localAddress: rights.localAddress } as ConstructorParameters<
      typeof Agent
    >[0])
  }

  get closed(): boolean {
    return this.#closed
  }

  close(): void {
    this.#closed = true
    for (const socket of this.#sockets) socket.destroy()
    this.#agent.destroy()
  }

  /** A connection to one of the ports; it may be refused or cut at any time. */
  socket(address: string): Socket {
    const { hostname, port } = new URL(`tcp://${address}`)
    const socket = connect({ host: hostname, port: Number(port), localAddress: this.rights.localAddress })
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    if (this.#closed) socket.destroy()
    return socket
  }

  /** Answers as soon as the head is there, if `open`; the rest then stays unread. */
  ask(method: string, path: string, body: string | Buffer | null = null, signedIn = true): Promise<Answer> {
    const { http, cookie } = this.rights
    const headers = {
      origin: `http://${http}`,
      ...(signedIn && { cookie }),
      ...(body !== null && { 'content-length': Buffer.byteLength(body) }),
    }
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(`http://${http}`)
      const asked = request({ agent: this.#agent, hostname, port, method, path, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => {
          if (text.length < 10_000) text += part
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
        answer.on('error', reject)
      })
      asked.on('error', reject)
      asked.end(body ?? undefined)
    })
  }

  /** An FTP session past its login, or null where it is refused. */
  async login(): Promise<FtpSession | null> {
    const session = new FtpSession(this.socket(this.rights.ftp))
    const { username, password } = this.rights.account
    if (!(await session.reply()).startsWith('220')) return null
    await session.send(`USER ${username}`)
    return (await session.send(`PASS ${password}`)).startsWith('230') ? session : null
  }
}

/** One command at a time; a connection that is gone answers nothing. */
export class FtpSession {
  readonly socket: Socket
  #text = ''
  #wake = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text
      this.#wake()
    })
    socket.on('close', () => this.#wake())
  }

  async reply(): Promise<string> {
    for (;;) {
      const [whole] = /^\d{3} .*\r\n/m.exec(this.#text) ?? []
      if (whole !== undefined) {
        this.#text = ''
        return whole
      }
      if (this.socket.destroyed) return ''
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  send(command: string): Promise<string> {
    this.socket.write(`${command}\r\n`)
    return this.reply()
  }

  /** The port of the next data connection; null where none is given. */
  async dataPort(): Promise<number | null> {
    return Number(/\|(\d+)\|/.exec(await this.send('EPSV'))?.[1]) || null
  }
}
