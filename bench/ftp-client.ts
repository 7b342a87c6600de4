import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A plain client that adds little of its own to what is measured: one socket, one command at a time, no Nagle. */
export class BenchClient {
  readonly #socket: Socket
  #text = ''
  #wake = () => {}

  private constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => {
      this.#text += text
      this.#wake()
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#text += '000 closed\r\n'
      this.#wake()
    })
  }

  static async open({ port }: { port: number }): Promise<BenchClient> {
    const client = new BenchClient(port)
    await client.#reply()
    return client
  }

  static async login(server: { port: number; username: string; password: string }): Promise<BenchClient> {
    const client = await BenchClient.open(server)
    await client.send(`USER ${server.username}`)
    const told = await client.send(`PASS ${server.password}`)
    if (!told.startsWith('230')) throw new Error(`login: ${told}`)
    await client.send('TYPE I')
    return client
  }

  send(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`)
    return this.#reply()
  }

  /** Uploads `content` as often as it takes to make `bytes`. */
  async store(name: string, content: Buffer, bytes = content.length): Promise<void> {
    const listening = await this.send('EPSV')
    const port = Number(/\|(\d+)\|/.exec(listening)?.[1])
    if (!port) throw new Error(`EPSV: ${listening}`)
    const data = connect({ port, host: '127.0.0.1', noDelay: true })
    data.on('error', () => {})
    await once(data, 'connect')
    const began = await this.send(`STOR ${name}`)
    if (!began.startsWith('150')) throw new Error(`STOR: ${began}`)
    for (let sent = 0; sent < bytes; sent += content.length)
      if (!data.write(content.subarray(0, Math.min(content.length, bytes - sent)))) await once(data, 'drain')
    data.end()
    const told = await this.#reply()
    if (!told.startsWith('226')) throw new Error(`STOR: ${told}`)
    data.destroy()
  }

  close(): void {
    this.#socket.destroy()
  }

  async #reply(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-[\s\S]*?^)?(\d{3}) .*\r\n/m.exec(this.#text)
      if (whole) {
        this.#text = this.#text.slice(whole.index + whole[0].length)
        return whole[0]
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
