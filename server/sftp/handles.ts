import type { Attributes } from 'ssh2'
import { SftpRefusal } from './sftp-replies.ts'

/** Something that a client has opened. */
export interface Handle {
  attributes(): Attributes
  /** The client closes it. */
  close(): Promise<void>
  /** The client has gone without closing it. Never rejects. */
  abandon(): Promise<void>
}

/** Open handles per client. */
const MOST_HANDLES = 64

/** The open handles of one session, under the names that the client was given. */
export class Handles {
  readonly #open = new Map<number, Handle>()
  #last = 0

  /** How many are open or being opened is bounded; throws before anything is opened. */
  checkRoom(): void {
    if (this.#open.size >= MOST_HANDLES) throw new SftpRefusal('failure', 'Too many open files.')
  }

  add(handle: Handle): Buffer {
    this.#last += 1
    this.#open.set(this.#last, handle)
    const name = Buffer.alloc(4)
    name.writeUInt32BE(this.#last)
    return name
  }

  get(name: Buffer): Handle {
    const handle = this.#open.get(numberOf(name))
    if (!handle) throw new SftpRefusal('failure', 'Invalid handle.')
    return handle
  }

  of<T extends Handle>(name: Buffer, kind: new (...args: never[]) => T): T {
    const handle = this.get(name)
    if (!(handle instanceof kind)) throw new SftpRefusal('failure', 'Invalid handle for this request.')
    return handle
  }

  /** From now on it is not open, whatever comes of closing it. */
  take(name: Buffer): Handle {
    const handle = this.get(name)
    this.#open.delete(numberOf(name))
    return handle
  }

  has(kind: new (...args: never[]) => Handle): boolean {
    return [...this.#open.values()].some((handle) => handle instanceof kind)
  }

  async abandonAll(): Promise<void> {
    const all = [...this.#open.values()]
    this.#open.clear()
    for (const handle of all) await handle.abandon()
  }
}

function numberOf(name: Buffer): number {
  return name.length === 4 ? name.readUInt32BE() : 0
}
