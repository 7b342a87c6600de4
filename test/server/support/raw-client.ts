import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A client that says exactly what the test writes, byte by byte. */
export class RawClient {
  socket: Socket
  readonly #host: string
  #text = ''
  #ended = false
  #wake = () => {}

  private constructor(socket: Socket, host: string) {
    this.socket = socket
    this.#host = host
    this.#listen()
  }

  /** Connects and takes the greeting. */
  static async open(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const client = new RawClient(connect(port, host), host)
    onTestFinished(() => {
      client.socket.destroy()
    })
    await client.reply()
    return client
  }

  /** As `open`, and past AUTH TLS. */
  static async openTls(port: number, options: ConnectionOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(port)
    await client.send('AUTH TLS')
    await client.startTls(options)
    return client
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes)
  }

  /** Sends one command and answers the whole reply. */
  send(command: string): Promise<string> {
    this.write(`${command}\r\n`)
    return this.reply()
  }

  /** The next reply, however many lines it has; empty when the server has closed. */
  async reply(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-[\s\S]*?^)?\d{3} .*\r\n/m.exec(this.#text)
      if (whole?.index === 0) {
        this.#text = this.#text.slice(whole[0].length)
        return whole[0].trimEnd()
      }
      if (this.#ended) return ''
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Resolves with the TLS session that a data connection can resume. */
  async startTls(options: ConnectionOptions = {}): Promise<{ session: Promise<Buffer> }> {
    this.socket.removeAllListeners()
    const socket = tlsConnect({ socket: this.socket, rejectUnauthorized: false, ...options })
    this.socket = socket
    this.#listen()
    const session = new Promise<Buffer>((resolve) => socket.once('session', resolve))
    await once(socket, 'secureConnect')
    return { session }
  }

  async login({ username, password }: { username: string; password: string }): Promise<string> {
    await this.send(`USER ${username}`)
    return this.send(`PASS ${password}`)
  }

  async dataPort(): Promise<number> {
    return Number(/\|(\d+)\|/.exec(await this.send('EPSV'))?.[1])
  }

  /** A data connection, not yet used. */
  async data(): Promise<Socket> {
    const socket = connect({ port: await this.dataPort(), host: this.#host })
    onTestFinished(() => {
      socket.destroy()
    })
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  /** Begins an upload and sends `content`; the data connection stays open. */
  async beginStore(name: string, content: string, verb = 'STOR'): Promise<Socket> {
    const data = await this.data()
    const began = await this.send(`${verb} ${name}`)
    if (!began.startsWith('150')) throw new Error(began)
    await new Promise((resolve) => data.write(content, resolve))
    return data
  }

  /** A whole upload up to the closing reply. */
  async store(name: string, content: string, verb = 'STOR'): Promise<string> {
    const data = await this.beginStore(name, content, verb)
    data.end()
    return this.reply()
  }

  /** What a transfer from the server brings, and the closing reply. */
  async fetch(command: string): Promise<{ content: string; reply: string }> {
    const data = await this.data()
    const chunks: Buffer[] = []
    data.on('data', (chunk: Buffer) => chunks.push(chunk))
    const ended = once(data, 'end')
    await this.send(command)
    await ended
    return { content: Buffer.concat(chunks).toString(), reply: await this.reply() }
  }

  #listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString()
      this.#wake()
    })
    this.socket.on('close', () => {
      this.#ended = true
      this.#wake()
    })
    this.socket.on('error', () => {})
  }
}
