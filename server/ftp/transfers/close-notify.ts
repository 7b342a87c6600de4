import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { TLSSocket, type TLSSocketOptions } from 'node:tls'
import { readDirectly, readsDirectly } from './direct-reads.ts'

/** Longer than any TLS record, so that it ends whatever record has begun, and is none. */
const NO_RECORD = Buffer.alloc((16 << 10) + 4096)
/** Bytes per read. */
const ROOM_BYTES = 64 << 10

/**
 * A TLS connection that knows whether its client has closed it, inside TLS; only the client can send that. For Node it ends
 * alike where the connection below was merely cut, and also where an alert came with the close_notify, as Java sends one. So
 * something that is no record is put behind the last byte that has come: it is a fault, unless nothing is read any more
 * because the client has closed.
 */
export class DataTlsSocket extends TLSSocket {
  /** The handshake was completed. */
  begun = false
  #faulty = false

  constructor(below: Socket, options: TLSSocketOptions) {
    super(new Below(below, () => (this.begun ? NO_RECORD : null)), options)
    this.once('secure', () => {
      this.begun = true
    })
    // After the handshake a fault of TLS ends the connection as if it had been closed.
    this.once('_tlsError', () => {
      this.#faulty = true
    })
  }

  /** To be asked when the end has come. */
  get closedByClient(): boolean {
    return this.begun && !this.#faulty
  }
}

/** The connection below, with something behind its end. Listeners copy the bytes they are handed. */
class Below extends Duplex {
  readonly #socket: Socket
  readonly #room = Buffer.allocUnsafeSlow(ROOM_BYTES)

  constructor(socket: Socket, behindEnd: () => Buffer | null) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    if (readsDirectly(socket))
      readDirectly(socket, {
        room: this.#room,
        filled: (bytes) => this.#tell(this.#room.subarray(0, bytes)),
        write: (chunk) => this.#tell(chunk),
      })
    else socket.on('data', (chunk) => this.#tell(chunk))
    socket.pause()
    socket.on('end', () => {
      const more = behindEnd()
      if (more) this.emit('data', more)
      this.emit('end')
    })
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', (failed) => failed && this.destroy())
  }

  #tell(chunk: Uint8Array): null {
    this.emit('data', chunk)
    return null
  }

  override pause(): this {
    this.#socket.pause()
    return this
  }

  override resume(): this {
    this.#socket.resume()
    return this
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
