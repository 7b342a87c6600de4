import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Contents } from './archive.ts'
import { copyFile } from './copy-file.ts'

/** Below DATA_DIR. The embedded PostgreSQL is backed up as a database, and its password belongs to its cluster. */
const TREES = ['keys', 'outbox', 'teams']
export const CLUSTER_PASSWORD = 'keys/postgres-password'

type FileOf = Contents['files'][number]
/** `state` changes whenever the file does. */
type Kept = FileOf & { state: string; standing: boolean }

/** A copy of the files in DATA_DIR that catches up with them each time it is asked to. */
export class TreeCopy {
  readonly #from: string
  readonly #to: string
  readonly #files = new Map<string, Kept>()
  #folders: Contents['folders'] = []

  constructor(from: string, to: string) {
    this.#from = from
    this.#to = to
  }

  /** Copies what is new or was changed. What is gone meanwhile is kept until `finish`. */
  async catchUp(): Promise<void> {
    this.#folders = []
    for (const kept of this.#files.values()) kept.standing = false
    for (const tree of TREES) await this.#catchUpBelow(tree)
  }

  get(path: string): FileOf | undefined {
    return this.#files.get(path)
  }

  /** Lets the copy of a file that has moved stand under its former path. Answers false where it is not there any more. */
  async takeFrom(moved: string, path: string): Promise<boolean> {
    return this.#copy(moved, path, '')
  }

  /** Drops what is gone from the source, apart from `needed`. */
  async finish(needed: ReadonlySet<string>): Promise<Pick<Contents, 'files' | 'folders'>> {
    for (const [path, { standing }] of this.#files) {
      if (standing || needed.has(path)) continue
      await rm(join(this.#to, path), { force: true })
      this.#files.delete(path)
    }
    const files = [...this.#files.values()].map(({ state: _state, standing: _standing, ...file }) => file)
    return { files, folders: this.#folders }
  }

  async #catchUpBelow(folder: string): Promise<void> {
    const stats = await unlessGone(lstat(join(this.#from, folder)))
    if (!stats) return
    await mkdir(join(this.#to, folder), { recursive: true, mode: 0o700 })
    this.#folders.push({ path: folder, mode: stats.mode & 0o7777 })
    for (const entry of (await unlessGone(readdir(join(this.#from, folder), { withFileTypes: true }))) ?? []) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) await this.#catchUpBelow(path)
      else if (entry.isFile() && path !== CLUSTER_PASSWORD) await this.#catchUpWith(path)
    }
  }

  async #catchUpWith(path: string): Promise<void> {
    const stats = await unlessGone(lstat(join(this.#from, path), { bigint: true }))
    if (!stats) return
    const { dev, ino, size, mtimeNs, ctimeNs } = stats
    const state = [dev, ino, size, mtimeNs, ctimeNs].join(' ')
    const kept = this.#files.get(path)
    if (kept?.state === state) kept.standing = true
    else await this.#copy(path, path, state)
  }

  async #copy(from: string, path: string, state: string): Promise<boolean> {
    await mkdir(dirname(join(this.#to, path)), { recursive: true, mode: 0o700 })
    const copied = await unlessGone(copyFile(join(this.#from, from), join(this.#to, path)))
    if (copied) this.#files.set(path, { path, ...copied, state, standing: true })
    return copied !== null
  }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) return null
    throw error
  })
}
