import { randomUUID } from 'node:crypto'
import { type BigIntStats, readFileSync } from 'node:fs'
import { mkdir, open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HIDDEN_FOLDER, ROOT } from '../model/team-path.ts'
import { onDisk } from './disk-problems.ts'
import { statNow } from './disk-stat.ts'
import { FileProblem } from './file-area.ts'
import { linked } from './rename.ts'

/** In each root, the file that says whose it is. */
export const MARK = join(HIDDEN_FOLDER, 'team')
/** How long an answer of the owner counts where the disk takes no mark. */
const ASKED_MS = 1000

/** The team that a root belongs to. */
export interface RootOwner {
  /** One line that no other team has, not even one of the same name or of another database. */
  readonly mark: string
  /** Asked for a root without a mark: a team that was removed gets none again. */
  exists(): Promise<boolean>
  /** Called at each operation on a root that has the mark of another. */
  refused(mark: string): void
}

/** The folder belongs to another team, or its team was removed: nothing in it is read or changed. */
export class RootProblem extends Error {
  override readonly name = 'RootProblem'
}

/**
 * The folder of a team's virtual root. It has its name from the team, and a later team may have the same; so it holds a mark,
 * and is refused where that is another's. Without an owner it is anybody's.
 */
export class TeamRoot {
  readonly #folder: string
  readonly #markFile: string
  readonly #owner: RootOwner | null
  #read: { stats: BigIntStats; mark: string } | null = null
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(folder: string, owner: RootOwner | null) {
    this.#folder = folder
    this.#markFile = join(folder, MARK)
    this.#owner = owner
  }

  /** The folder on the disk, read anew for each use: an operation or an upload may outlive its team. */
  get folder(): string {
    if (this.isOthers) throw new RootProblem(`${this.#folder} belongs to another team`)
    return this.#folder
  }

  get isOthers(): boolean {
    if (!this.#owner) return false
    const mark = this.#mark()
    return mark !== null && mark !== this.#owner.mark
  }

  /** Begins an operation: answers the folder, which gets its mark if it has none and the team still exists. */
  async enter(): Promise<string> {
    const owner = this.#owner
    if (!owner) return this.#folder
    const mark = this.#mark()
    if (mark === owner.mark) return this.#folder
    if (mark !== null) owner.refused(mark)
    else if (performance.now() - this.#askedAt > ASKED_MS) {
      if (!(await owner.exists())) throw new RootProblem(`The team of ${this.#folder} was removed`)
      await this.#claimIfTaken()
    }
    return this.folder
  }

  /** Makes the folder and marks it, unless it is marked. */
  async claim(): Promise<void> {
    if (!this.#owner || this.#mark() !== null) return
    await onDisk(ROOT, () => mkdir(this.#folder, { recursive: true }))
    const hidden = join(this.#folder, HIDDEN_FOLDER)
    // Not recursive: Node would hide that the disk can only be read.
    await onDisk(ROOT, () => mkdir(hidden)).catch(unlessThere)
    // If a crash leaves it, it goes as any hidden file that no upload knows.
    const written = join(hidden, randomUUID().replaceAll('-', ''))
    try {
      await onDisk(ROOT, () => writeNew(written, `${this.#owner?.mark}\n`))
      // In one step and whole: another may be claiming it too.
      if (!(await linked(written, this.#markFile, ROOT))) await onDisk(ROOT, () => rename(written, this.#markFile))
    } catch (error) {
      unlessThere(error)
    } finally {
      await unlink(written).catch(() => {})
    }
  }

  /** A disk that is full, or that can only be read, takes no mark: then the owner is asked again and again. */
  async #claimIfTaken(): Promise<void> {
    try {
      await this.claim()
    } catch (error) {
      if (!(error instanceof FileProblem && ['not-allowed', 'no-space'].includes(error.kind))) throw error
      this.#askedAt = performance.now()
    }
  }

  /** Null where there is none. Read only when it has changed: the metadata is nearly always cached. */
  #mark(): string | null {
    const stats = statNow(this.#markFile, ROOT)
    if (!stats) return null
    if (!this.#read || !isSame(stats, this.#read.stats)) this.#read = { stats, mark: readMark(this.#markFile, stats) }
    return this.#read.mark
  }
}

function isSame(stats: BigIntStats, before: BigIntStats): boolean {
  return stats.ino === before.ino && stats.dev === before.dev && stats.ctimeNs === before.ctimeNs
}

function readMark(disk: string, stats: BigIntStats): string {
  return stats.isFile() ? readFileSync(disk, 'utf8').trim() : ''
}

function unlessThere(error: unknown): void {
  if (!(error instanceof FileProblem && error.kind === 'already-exists')) throw error
}

async function writeNew(disk: string, text: string): Promise<void> {
  const file = await open(disk, 'wx', 0o640)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
