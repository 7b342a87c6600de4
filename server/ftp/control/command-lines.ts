import { isUtf8 } from 'node:buffer'
import type { Socket } from 'node:net'

/** One line of the control connection, without its end; null when it was too long to be kept. */
export type CommandLine = string | null

/** RFC 959 sets no limit; a path of 4096 bytes with its verb fits. */
export const MAX_LINE_BYTES = 4200
const MAX_QUEUED = 32
const LF = 0x0a
const CR = 0x0d
const IAC = 0xff
const DM = 0xf2

/** Cuts what arrives into lines, however it was cut into packets. Never holds more than a line and the chunk given last. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0)
  /** Inside a line already refused as too long: drops its bytes as they arrive. */
  #dropping = false

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
  }

  /** A whole line or a part of one is left. */
  get hasRest(): boolean {
    return this.#rest.length > 0 || this.#dropping
  }

  get hasLine(): boolean {
    return this.#rest.includes(LF)
  }

  /** The next whole line; undefined until more has arrived. */
  next(): CommandLine | undefined {
    const end = this.#rest.indexOf(LF)
    if (end < 0) {
      const tooLong = !this.#dropping && this.#rest.length > MAX_LINE_BYTES
      if (tooLong) this.#dropping = true
      if (this.#dropping) this.#rest = Buffer.alloc(0)
      return tooLong ? null : undefined
    }
    const line = this.#rest.subarray(0, end)
    this.#rest = this.#rest.subarray(end + 1)
    if (this.#dropping) {
      this.#dropping = false
      return this.next()
    }
    return line.length > MAX_LINE_BYTES ? null : decoded(line)
  }
}

/** Old clients send names in Latin-1 and put telnet signals before ABOR. */
function decoded(line: Buffer): string {
  const bytes = withoutTelnet(line.at(-1) === CR ? line.subarray(0, -1) : line)
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}

/** Drops telnet commands (RFC 854): IAC and one byte, with WILL, WONT, DO and DONT one more. UTF-8 never holds an IAC. */
function withoutTelnet(line: Buffer): Buffer {
  if (!line.includes(IAC)) return withoutMark(line)
  const kept: number[] = []
  for (let at = 0; at < line.length; at++) {
    const byte = line[at] as number
    const signal = line[at + 1] ?? 0
    if (byte !== IAC) kept.push(byte)
    else if (signal >= 251 && signal <= 254) at += 2
    // The DM of an urgent "IAC DM" travels out of band, so its IAC may stand alone.
    else if (signal >= 240) at += 1
  }
  return withoutMark(Buffer.from(kept))
}

/** The IAC of an urgent "IAC DM" travels out of band where a client sends it so, and leaves its DM alone. No UTF-8 is cut. */
function withoutMark(line: Buffer): Buffer {
  const next = line[1] ?? 0
  return line[0] === DM && (next < 0x80 || next > 0xbf) ? line.subarray(1) : line
}

export interface CommandListener {
  /**
   * Called as soon as a line is there, also while an earlier command is at work and others wait. A barrier is the last line
   * that is read until it is done; an immediate answer waits for nothing.
   */
  arrived(line: CommandLine, waiting: number): 'waits' | 'barrier' | 'answered'
  /** Called for one line after the other; `number` counts them as they arrived. Must not reject. */
  execute(line: CommandLine, number: number): Promise<void>
  /** The client has gone. Called at once. */
  lost(): void
  /** The client has left and all its commands are done. */
  ended(): void
}

/**
 * Feeds the commands of a control connection to `listener`, one at a time. Reading stops while too many wait, and behind a
 * command that is a barrier until it is done.
 */
export class CommandReader {
  readonly #listener: CommandListener
  readonly #splitter = new LineSplitter()
  readonly #queue: { line: CommandLine; number: number }[] = []
  #arrived = 0
  #socket: Socket
  #working = false
  #barrier = false
  #lost = false
  #reset = false

  constructor(socket: Socket, listener: CommandListener) {
    this.#listener = listener
    this.#socket = socket
    this.#attach(socket)
  }

  /** The client has gone. */
  get lost(): boolean {
    return this.#lost
  }

  /** The connection broke: the client did not take the last reply. */
  get reset(): boolean {
    return this.#reset
  }

  /** How many commands have arrived so far. */
  get arrived(): number {
    return this.#arrived
  }

  /** Too many commands were waiting, so some were left in the connection: when those were sent is unknown. */
  get backlogged(): boolean {
    return this.#queue.length >= MAX_QUEUED || this.#splitter.hasLine || this.#barrier
  }

  /** Bytes have arrived behind the current command. */
  get hasMore(): boolean {
    return this.#queue.length > 0 || this.#splitter.hasRest || this.#socket.readableLength > 0
  }

  /** Takes the commands from `socket` from now on; those of the old one are no longer heard. */
  changeSocket(socket: Socket): void {
    this.#socket.removeAllListeners('data')
    this.#socket = socket
    this.#attach(socket)
  }

  #attach(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#splitter.push(chunk)
      this.#take()
    })
    socket.once('end', () => this.#lose())
    socket.once('error', () => {
      this.#reset = true
    })
    socket.once('close', () => this.#lose())
  }

  #take(): void {
    while (this.#queue.length < MAX_QUEUED && !this.#barrier) {
      const line = this.#splitter.next()
      if (line === undefined) break
      const number = ++this.#arrived
      const what = this.#listener.arrived(line, this.#queue.length)
      if (what === 'answered') continue
      this.#barrier = what === 'barrier'
      this.#queue.push({ line, number })
    }
    if (this.#queue.length >= MAX_QUEUED || this.#barrier) this.#socket.pause()
    if (!this.#working) void this.#work()
  }

  async #work(): Promise<void> {
    this.#working = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      await this.#listener.execute(next.line, next.number)
      if (this.#queue.length > 0) continue
      this.#barrier = false
      this.#take()
      if (this.#queue.length < MAX_QUEUED && !this.#barrier) this.#socket.resume()
    }
    this.#working = false
    if (this.#lost) this.#listener.ended()
  }

  #lose(): void {
    if (this.#lost) return
    this.#lost = true
    this.#listener.lost()
    if (!this.#working) this.#listener.ended()
  }
}
