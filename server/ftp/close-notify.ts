import type { Socket } from 'node:net'
import { TLSSocket, type TLSSocketOptions } from 'node:tls'
import { getSystemErrorName } from 'node:util'

/** What reads a connection for Node; `readStart` fails with EALREADY while it is reading. */
interface Handle {
  reading: boolean
  readStart(): number
  readStop(): number
}

/**
 * A TLS connection that knows whether its client has closed it. Node tells one that was closed by close_notify from one
 * that was cut by nothing: both end without an error. But the former ends while the connection below is still open to be
 * read, the latter because that has ended.
 */
export class DataTlsSocket extends TLSSocket {
  /** Whether the handshake was ever done. */
  begun = false
  readonly #below: Socket
  /** Known from the end on. */
  #closed: boolean | null = null

  constructor(below: Socket, options: TLSSocketOptions) {
    super(below, options)
    this.#below = below
    this.once('secure', () => {
      this.begun = true
    })
  }

  /** Whether the end was announced by the client, inside TLS, where nobody else can say it; and no fault behind it. */
  get closedByClient(): boolean {
    return this.#closed === true && this.errored === null
  }

  /** Called with null in the very moment in which the end is met. */
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk === null) this.#closed ??= this.#endsBeforeBelow()
    return super.push(chunk, encoding)
  }

  #endsBeforeBelow(): boolean {
    const { _handle: own } = this as unknown as { _handle: Handle | null }
    const { _handle: below } = this.#below as unknown as { _handle: Handle | null }
    if (!own || !below || !this.begun) return false
    // While nothing is read below, its end cannot be met either: this one was in what had been read already.
    if (!own.reading) return true
    const code = below.readStart()
    if (code < 0) return getSystemErrorName(code) === 'EALREADY'
    below.readStop()
    return false
  }
}
