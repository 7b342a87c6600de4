import type { OpenFile } from '../../files/file-area.ts'
import { attributesOf } from './attributes.ts'
import type { Handle } from './handles.ts'
import { SftpRefusal } from './sftp-replies.ts'

/** A file opened for reading. Clients ask for small pieces one behind the other: they are cut from larger reads. */
export class DownloadHandle implements Handle {
  readonly #file: OpenFile
  #ahead: AsyncIterator<Buffer> | null = null
  #chunk: Buffer = Buffer.alloc(0)
  #chunkStart = 0

  constructor(file: OpenFile) {
    this.#file = file
  }

  attributes() {
    return attributesOf(this.#file.entry)
  }

  /** At least one byte, and less than asked for only where a read ends. Throws at the end of the file. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset >= this.#file.entry.bytes) {
      this.#forget()
      throw new SftpRefusal('end', 'End of file.')
    }
    await this.#reach(offset)
    const start = offset - this.#chunkStart
    return this.#chunk.subarray(start, start + length)
  }

  async close(): Promise<void> {
    this.#forget()
    await this.#file.close()
  }

  async abandon(): Promise<void> {
    await this.close().catch(() => {})
  }

  async #reach(offset: number): Promise<void> {
    const end = this.#chunkStart + this.#chunk.length
    if (offset >= this.#chunkStart && offset < end) return
    if (offset !== end || !this.#ahead) {
      this.#ahead = this.#file.read(offset)[Symbol.asyncIterator]()
      this.#chunkStart = offset
    } else this.#chunkStart = end
    this.#chunk = Buffer.alloc(0)
    const { value, done } = await this.#ahead.next()
    if (done) throw new Error('a file ended before its length')
    this.#chunk = value
  }

  #forget(): void {
    this.#ahead = null
    this.#chunk = Buffer.alloc(0)
  }
}
