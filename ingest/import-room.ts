import { inBytes, type Room, roomOf } from '../files/storage-guard.ts'
import type { Log } from '../log.ts'

/** Imports go on when free bytes reach this multiple of the reserve. */
const AGAIN_SHARE = 1.2

export interface Space {
  freeBytes: number
  totalBytes: number
}

/** Holds imports back while the disk of the database has no room: an import writes as much as its file has, or more. */
export class ImportRoom {
  readonly #space: () => Promise<Space>
  readonly #log: Log
  #lacks = false

  constructor(space: () => Promise<Space>, log: Log) {
    this.#space = space
    this.#log = log
  }

  /** True if imports may begin. Logs each change. */
  async look(): Promise<boolean> {
    const room = roomOf(await this.#space())
    const { freeBytes, keptBytes } = room
    const lacks = freeBytes < keptBytes * (this.#lacks ? AGAIN_SHARE : 1)
    if (lacks !== this.#lacks) {
      if (lacks) this.#log.warn({ ...room }, importsWait(room))
      else this.#log.info({ ...room }, 'imports go on: the disk of the database has room again')
    }
    this.#lacks = lacks
    return !lacks
  }
}

export function importsWait({ freeBytes, keptBytes }: Room): string {
  return `imports wait: the disk of the database is full, ${inBytes(freeBytes)} free, ${inBytes(keptBytes)} are kept`
}
