import type { Socket } from 'node:net'
import type { ShellConnection } from './ftp-srv-shell.ts'

/** Sends the replies of one session. Its socket may become a TLS socket. */
export class ControlChannel {
  readonly #connection: ShellConnection
  readonly #stallMilliseconds: number

  constructor(connection: ShellConnection, stallMilliseconds: number) {
    this.#connection = connection
    this.#stallMilliseconds = stallMilliseconds
    connection.commandSocket.setNoDelay(true)
    connection.commandSocket.removeAllListeners('data')
    connection.reply = (code, ...lines) => this.#shellReply(code, lines)
  }

  get #socket(): Socket {
    return this.#connection.commandSocket
  }

  /** The client reads its replies. */
  get isRead(): boolean {
    return !this.#socket.writableNeedDrain
  }

  /** Resolves when the reply has left; a client that has gone is no error. Lines before the last are sent as they are. */
  reply(code: number, text: string, ...lines: string[]): Promise<void> {
    const last = lines.pop()
    if (last === undefined) return this.say(`${code} ${text}`)
    return this.say([`${code}-${text}`, ...lines, `${code} ${last}`].join('\r\n'))
  }

  /** As `reply`, for one line of a reply whose end comes later. */
  say(line: string): Promise<void> {
    const socket = this.#socket
    if (!socket.writable) return Promise.resolve()
    return new Promise((resolve) => {
      // A client that does not read its replies would block its later commands.
      const unread = setTimeout(() => socket.destroy(), this.#stallMilliseconds)
      socket.write(`${line}\r\n`, () => {
        clearTimeout(unread)
        resolve()
      })
    })
  }

  async close(code: number, text: string): Promise<void> {
    await this.reply(code, text)
    this.#socket.end()
  }

  /** Ends what the client may not even read any more: its last reply has this long to leave. */
  destroyAfter(milliseconds: number): void {
    setTimeout(() => this.#socket.destroy(), milliseconds).unref()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  destroySoon(): void {
    this.#socket.destroySoon()
  }

  /** Replies of the shell itself: a code, and lines as text. */
  #shellReply(options: number | { code: number }, lines: unknown[]): Promise<void> {
    const code = typeof options === 'number' ? options : options.code
    const texts = lines.filter((line) => typeof line === 'string' && line !== '') as string[]
    return this.reply(code, ...((texts.length > 0 ? texts : [SHELL_TEXTS[code] ?? 'Done.']) as [string, ...string[]]))
  }
}

/** Where the shell gives a code alone. */
const SHELL_TEXTS: Record<number, string> = { 200: 'OK.', 215: 'UNIX Type: L8' }
