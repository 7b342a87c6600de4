import type { Socket } from 'node:net'
import type { Connection, Session, SFTPWrapper } from 'ssh2'

/**
 * The points of ssh2 that we hook into for what it leaves out: a window that follows what we have worked off, the list of
 * extensions and the exit status. Its types promise none of them, so its version is pinned and a test fails when one moves.
 */
interface SftpInternals {
  push(data: Buffer | null): unknown
  readonly incoming: { window: number }
  readonly outgoing: { id: number; window: number; state: string }
  _protocol: Protocol
  readonly _buffer: unknown[]
  /** Something waits until the client opens its window; then `_chunkcb` is called. */
  readonly _waitWindow: boolean
  _chunkcb: ((this: SftpInternals) => void) | undefined
}

interface Protocol {
  channelOpenConfirm(remote: number, local: number, window: number, packet: number): void
  channelData(id: number, data: Buffer): void
  channelWindowAdjust(id: number, amount: number): void
  exitStatus(id: number, status: number): void
}

/** Bytes that a client may send before we read any. */
const FIRST_WINDOW = 256 << 10
const MOST_WINDOW = 2 << 20
const LEAST_WINDOW = 128 << 10
/** As much as ssh2 takes in one packet, and in one write within it. */
const MOST_PACKET_BYTES = 256 << 10
const MOST_DATA_BYTES = 255 << 10
const VERSION = 2
const EXTENDED_REPLY = 201

/** Bounds what all clients together may have on its way to us. */
export class WindowBudget {
  readonly #bytes: number
  #channels = 0

  constructor(bytes = 64 << 20) {
    this.#bytes = bytes
  }

  get share(): number {
    return Math.min(MOST_WINDOW, Math.max(LEAST_WINDOW, Math.floor(this.#bytes / Math.max(1, this.#channels))))
  }

  join(): void {
    this.#channels += 1
  }

  leave(): void {
    this.#channels -= 1
  }
}

/** Lets the channels of a connection begin with a small window instead of the largest. */
export function startWindowsSmall(client: Connection): void {
  const protocol = (client as unknown as { _protocol: Protocol })._protocol
  const confirm = protocol.channelOpenConfirm
  protocol.channelOpenConfirm = (remote, local, _window, packet) =>
    confirm.call(protocol, remote, local, FIRST_WINDOW, packet)
}

/** To be called for each session of such a connection. */
export function noteSmallWindow(session: Session): void {
  ;(session as unknown as { _chanInfo: SftpInternals })._chanInfo.incoming.window = FIRST_WINDOW
}

/** The SFTP channel of one session, with flow control in both directions. */
export class SftpChannel {
  readonly sftp: SFTPWrapper
  readonly #internals: SftpInternals
  readonly #socket: Socket
  /** Resolves when the client has gone, so that nothing waits for its window. */
  readonly #gone: Promise<void>

  /** `received` is called behind every piece that has come in. */
  constructor(sftp: SFTPWrapper, socket: Socket, gone: Promise<void>, received: () => void) {
    this.sftp = sftp
    this.#internals = sftp as unknown as SftpInternals
    this.#socket = socket
    this.#gone = gone
    this.#announceExtensions()
    const internals = this.#internals
    const take = internals.push
    internals.push = (data) => {
      take.call(internals, data)
      received()
      // ssh2 would open the window at once, however much waits here.
      return false
    }
  }

  /** Lets the client send on, up to `bytes` that we have not seen. */
  grant(bytes: number): void {
    const { incoming, outgoing, _protocol } = this.#internals
    const amount = bytes - incoming.window
    if (outgoing.state !== 'open' || amount < bytes / 2) return
    incoming.window += amount
    _protocol.channelWindowAdjust(outgoing.id, amount)
  }

  /** Resolves when the client has taken enough of what it was sent to be sent more. */
  async writable(): Promise<void> {
    const internals = this.#internals
    let left = false
    const gone = this.#gone.then(() => {
      left = true
    })
    while (internals._waitWindow && !left) await Promise.race([this.#windowOpened(), gone])
    while (this.#socket.writableNeedDrain && !left)
      await Promise.race([new Promise((resolve) => this.#socket.once('drain', resolve)), gone])
  }

  /** `limits@openssh.com`: larger writes cost less. Answers whether it could be sent. */
  sendLimits(requestId: number): boolean {
    const { outgoing, _buffer, _protocol } = this.#internals
    const packet = Buffer.alloc(4 + 1 + 4 + 8 * 4)
    if (_buffer.length > 0 || outgoing.window <= packet.length) return false
    packet.writeUInt32BE(packet.length - 4)
    packet[4] = EXTENDED_REPLY
    packet.writeUInt32BE(requestId, 5)
    const limits = [MOST_PACKET_BYTES, MOST_DATA_BYTES, MOST_DATA_BYTES, 0]
    limits.forEach((limit, index) => {
      packet.writeBigUInt64BE(BigInt(limit), 9 + index * 8)
    })
    outgoing.window -= packet.length
    _protocol.channelData(outgoing.id, packet)
    return true
  }

  /** Ends the channel in good order: clients take a channel without an exit status for a broken one. */
  end(): void {
    const { outgoing, _protocol } = this.#internals
    if (outgoing.state !== 'open') return
    _protocol.exitStatus(outgoing.id, 0)
    this.sftp.end()
  }

  #windowOpened(): Promise<void> {
    const internals = this.#internals
    return new Promise((resolve) => {
      const drain = internals._chunkcb
      internals._chunkcb = () => {
        internals._chunkcb = undefined
        drain?.call(internals)
        resolve()
      }
    })
  }

  /** The first packet that ssh2 sends is its VERSION, which names no extension. */
  #announceExtensions(): void {
    const internals = this.#internals
    const protocol = internals._protocol
    internals._protocol = Object.create(protocol, {
      channelData: {
        value(id: number, data: Buffer) {
          internals._protocol = protocol
          const more = VERSION_PACKET.length - data.length
          if (internals.outgoing.window <= more) return protocol.channelData(id, data)
          internals.outgoing.window -= more
          protocol.channelData(id, VERSION_PACKET)
        },
      },
    })
  }
}

/** Those that we serve, with their versions. */
export const EXTENSIONS = { 'posix-rename@openssh.com': '1', 'limits@openssh.com': '1' } as const

const VERSION_PACKET = versionPacket()

function versionPacket(): Buffer {
  const text = (value: string) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(value))
    return Buffer.concat([length, Buffer.from(value)])
  }
  const head = Buffer.from([0, 0, 0, 0, VERSION, 0, 0, 0, 3])
  const packet = Buffer.concat([head, ...Object.entries(EXTENSIONS).flat().map(text)])
  packet.writeUInt32BE(packet.length - 4)
  return packet
}
