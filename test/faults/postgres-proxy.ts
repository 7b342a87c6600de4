import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What happens at one message: it never arrives, or it arrives and its answer never comes back. `act` happens then. */
export interface MessageFault {
  /** Counted from 1, from the moment in which the fault was set. */
  at: number
  how: 'before' | 'after' | 'beside'
  /** With `beside` the message goes through all the same. */
  act: () => unknown
}

/** The messages with which a client asks for something: simple query, sync, copy data, copy done. The rest comes with them. */
const ASKING = new Set([...'QSdc'].map((letter) => letter.charCodeAt(0)))
const READY_FOR_QUERY = 'Z'.charCodeAt(0)
/** Copy data has no answer to wait for. */
const NO_ANSWER_MS = 30

/** Stands between the service and PostgreSQL, and counts what is asked. */
export class PostgresProxy {
  seen = 0
  #fault: MessageFault | null = null
  readonly #target: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(target: string) {
    this.#target = target
    this.#server = createServer((client) => this.#serve(client))
  }

  async listen(path: string): Promise<void> {
    this.#server.listen(path)
    await once(this.#server, 'listening')
  }

  arm(fault: MessageFault | null): void {
    this.seen = 0
    this.#fault = fault
  }

  /** Whether the fault has not come yet. */
  get armed(): boolean {
    return this.#fault !== null
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(client: Socket): void {
    const server = connect(this.#target)
    let deaf = false
    let waiting: (() => void) | null = null
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        server.destroy()
      })
    }
    const answers = messages((type, bytes) => {
      if (!deaf) client.write(bytes)
      else if (type === READY_FOR_QUERY) waiting?.()
    }, false)
    server.on('data', answers)
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    let cutOff = false
    client.on(
      'data',
      messages((type, bytes) => {
        if (cutOff) return
        const fault = ASKING.has(type) ? this.#due() : null
        if (fault?.how === 'before') {
          cutOff = true
          fault.act()
          cut()
          return
        }
        if (fault?.how === 'beside') fault.act()
        if (fault?.how === 'after') {
          cutOff = true
          deaf = true
          waiting = () => {
            waiting = null
            fault.act()
            cut()
          }
          setTimeout(() => waiting?.(), type === 'd'.charCodeAt(0) ? NO_ANSWER_MS : 2_000)
        }
        server.write(bytes)
      }, true),
    )
  }

  #due(): MessageFault | null {
    this.seen++
    const fault = this.#fault
    if (!fault || this.seen !== fault.at) return null
    this.#fault = null
    return fault
  }
}

/** Splits a stream into messages; the first of a client has no type. */
function messages(found: (type: number, bytes: Buffer) => void, isClient: boolean): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  let first = isClient
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const head = first ? 0 : 1
      if (pending.length < head + 4) return
      const length = head + pending.readUInt32BE(head)
      if (pending.length < length) return
      found(first ? 0 : (pending[0] as number), pending.subarray(0, length))
      pending = pending.subarray(length)
      first = false
    }
  }
}
