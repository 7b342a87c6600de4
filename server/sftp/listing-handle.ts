import type { FileEntry as NamedAttributes } from 'ssh2'
import type { FileEntry } from '../../files/file-area.ts'
import { attributesOf, namedAttributes } from './attributes.ts'
import type { Handle } from './handles.ts'
import { SftpRefusal } from './sftp-replies.ts'

/** How many entries go into one answer: with long names they still fit into what clients take. */
const TOGETHER = 64

/** A folder that is being listed; a large one leaves in many answers, as it is read. */
export class ListingHandle implements Handle {
  readonly #folder: FileEntry
  readonly #entries: AsyncIterator<FileEntry>
  readonly #now = new Date()
  #begun = false

  constructor(folder: FileEntry, entries: AsyncIterable<FileEntry>) {
    this.#folder = folder
    this.#entries = entries[Symbol.asyncIterator]()
  }

  attributes() {
    return attributesOf(this.#folder)
  }

  /** Throws when everything has been told. */
  async next(): Promise<NamedAttributes[]> {
    const names = this.#begun ? [] : ['.', '..'].map((name) => namedAttributes(this.#folder, this.#now, name))
    this.#begun = true
    while (names.length < TOGETHER) {
      const { value, done } = await this.#entries.next()
      if (done) break
      names.push(namedAttributes(value, this.#now))
    }
    if (names.length === 0) throw new SftpRefusal('end', 'End of file.')
    return names
  }

  async close(): Promise<void> {
    await this.#entries.return?.()
  }

  async abandon(): Promise<void> {
    await this.close().catch(() => {})
  }
}
