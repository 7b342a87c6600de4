import type { FileArea } from '../../files/file-area.ts'
import { folderOf } from '../../model/team-path.ts'
import { sameFile } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { isDatabaseAway } from '../../store/postgres/database-errors.ts'
import { type PublishedUpload, type Standing, uploadReady, uploadsReady } from '../../store/uploads/publish-uploads.ts'

/** While nothing waits, uploads published within this time are made ready together. */
const GATHER_MS = 20
const MOST_TOGETHER = 50

interface Waiting {
  readonly upload: PublishedUpload
  readonly area: FileArea
  resolve(hiddenNames: string[]): void
  reject(why: unknown): void
}

/**
 * Makes published uploads ready, those of a moment together: their folders are flushed once, and the ledger is written in
 * one transaction. Whatever keeps one of them from it keeps none of the others.
 */
export class ReadyUploads {
  readonly #db: Database
  #waiting: Waiting[] = []
  #working = false
  #hurried = 0
  #wake = () => {}

  constructor(db: Database) {
    this.#db = db
  }

  /** Resolves when the ledger holds it as ready, with what `uploadReady` answers. */
  enter(area: FileArea, upload: PublishedUpload): Promise<string[]> {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>()
    this.#waiting.push({ upload, area, resolve, reject })
    if (!this.#working) void this.#work()
    return promise
  }

  /** Runs `work` at once: until it is done nothing is held back to be done together with later uploads. */
  hurry(work: Promise<unknown>): void {
    this.#hurried += 1
    this.#wake()
    const done = () => {
      this.#hurried -= 1
    }
    work.then(done, done)
  }

  async #work(): Promise<void> {
    this.#working = true
    while (this.#waiting.length > 0) {
      await this.#gather()
      await this.#enterTogether(await this.#flushed(this.#take()))
    }
    this.#working = false
  }

  #gather(): Promise<void> | undefined {
    if (this.#hurried > 0) return
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** The first upload to each path; a second one follows it in its turn. */
  #take(): Waiting[] {
    const paths = new Set<string>()
    const taken = new Set<Waiting>()
    for (const waiting of this.#waiting) {
      const { teamId, path } = waiting.upload
      if (taken.size === MOST_TOGETHER || paths.has(`${teamId} ${path}`)) continue
      paths.add(`${teamId} ${path}`)
      taken.add(waiting)
    }
    this.#waiting = this.#waiting.filter((waiting) => !taken.has(waiting))
    return [...taken]
  }

  /** Only what lasts may be ready: flushes each folder once. Answers those whose names last now. */
  async #flushed(taken: Waiting[]): Promise<Waiting[]> {
    const folders = Map.groupBy(taken, ({ upload }) => `${upload.teamId} ${folderOf(upload.path)}`)
    const lasting = await Promise.all(
      [...folders.values()].map(async (within) => {
        const [{ area, upload }] = within as [Waiting]
        try {
          await area.flushName(upload.path)
          return within
        } catch (error) {
          for (const { reject } of within) reject(error)
          return []
        }
      }),
    )
    return lasting.flat()
  }

  async #enterTogether(together: Waiting[]): Promise<void> {
    if (together.length === 0) return
    const areas = new Map(together.map(({ upload, area }) => [upload, area]))
    const uploads = [...areas.keys()]
    try {
      const entered = await uploadsReady(this.#db, uploads, (upload) => standing(areas.get(upload) as FileArea, upload))
      for (const [at, waiting] of together.entries()) {
        const names = entered[at]
        if (names) waiting.resolve(names)
        else this.#enterAlone(waiting)
      }
    } catch (error) {
      for (const waiting of together)
        if (isDatabaseAway(error)) waiting.reject(error)
        else this.#enterAlone(waiting)
    }
  }

  /** Waits for the holder of the path's lock. The others do not wait for it. */
  #enterAlone({ upload, area, resolve, reject }: Waiting): void {
    uploadReady(this.#db, upload, () => standing(area, upload)).then(resolve, reject)
  }
}

async function standing(area: FileArea, { path, identity }: PublishedUpload): Promise<Standing> {
  const there = await area.stat(path).catch(() => null)
  return there && identity && sameFile(there.identity, identity) ? { seen: there } : 'replaced'
}
