import { createHash } from 'node:crypto'
import type { OpenFile } from './file-area.ts'

const MOST_FILES = 10_000
/** Where the disk keeps its times coarsely, what changed just now may change again without another time. */
const SETTLED_MS = 2_000

/** The SHA-256 of files, remembered as long as the disk has not changed them: each is read once. */
export class Digests {
  readonly #known = new Map<string, Promise<string>>()

  of(file: OpenFile): Promise<string> {
    const { identity, changedAt } = file.entry
    const key = [identity.device, identity.inode, identity.bytes, changedAt.getTime()].join(' ')
    const known = this.#known.get(key)
    if (known) return known
    const digest = digestOf(file)
    if (Date.now() - changedAt.getTime() > SETTLED_MS) this.#keep(key, digest)
    return digest
  }

  #keep(key: string, digest: Promise<string>): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < MOST_FILES) break
      this.#known.delete(oldest)
    }
    this.#known.set(key, digest)
    digest.catch(() => this.#known.delete(key))
  }
}

/** Piece by piece: others have their turn between two of them. */
async function digestOf(file: OpenFile): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of file.read()) hash.update(chunk)
  return hash.digest('hex')
}
