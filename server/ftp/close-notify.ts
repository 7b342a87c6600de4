import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

const HEADER_BYTES = 5
const ALERT = 21
const APPLICATION_DATA = 23
/** TLS 1.3 hides the kind of a record: one byte of kind and sixteen of authentication come on top of its content. */
const TLS13_OVERHEAD = 17
const ALERT_BYTES = 2

/**
 * Passes the bytes of a TLS connection through and looks at the headers of the records that the client sends. Node tells a
 * TLS connection that was closed from one that was cut by nothing: both end without an error.
 */
export class RecordWatch extends Duplex {
  /** Whether the handshake was ever done. */
  begun = false
  readonly #socket: Socket
  #header: number[] = []
  #left = 0
  #last = { type: 0, length: 0 }
  /** The length of the client's Finished message in TLS 1.3; null with an earlier version. */
  #finished: number | null = null
  /** What all hidden records have carried, the client's Finished among it. */
  #carried = 0

  constructor(socket: Socket) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#look(chunk)
      if (!this.push(chunk)) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  /** The handshake is done. Later the connection may be closed already, and does not tell what it was any more. */
  agreed(tls: TLSSocket): void {
    this.begun = true
    if (tls.getProtocol() === 'TLSv1.3') this.#finished = tls.getCipher().standardName.endsWith('SHA384') ? 52 : 36
  }

  /** Whether the client's last word was an alert, as close_notify is; `plainBytes` is what it has sent inside TLS. */
  closedBy(plainBytes: number): boolean {
    if (this.#left > 0 || this.#header.length > 0) return false
    const { type, length } = this.#last
    if (this.#finished === null) return type === ALERT
    if (type !== APPLICATION_DATA || length !== ALERT_BYTES + TLS13_OVERHEAD) return false
    // Two bytes of data make a record of the same length.
    return this.#carried - this.#finished !== plainBytes
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #look(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at)
        this.#left -= skipped
        at += skipped
        continue
      }
      this.#header.push(chunk[at++] as number)
      if (this.#header.length < HEADER_BYTES) continue
      const [type = 0, , , high = 0, low = 0] = this.#header
      this.#header = []
      this.#left = high * 256 + low
      this.#last = { type, length: this.#left }
      if (type === APPLICATION_DATA) this.#carried += this.#left - TLS13_OVERHEAD
    }
  }
}
