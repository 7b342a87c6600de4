import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { TeamPath } from '../model/team-path.ts'
import { onDisk } from './disk-problems.ts'
import { entryOf } from './disk-stat.ts'
import { type FileEntry, FileProblem, type OpenFile } from './file-area.ts'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

const MOST_READ = 512 << 10
const LEAST_READ = 16 << 10

/** Bounds the read buffers of all open files together, however many clients read slowly. */
export class ReadBudget {
  readonly #bytes: number
  #files = 0

  constructor(bytes = 16 << 20) {
    this.#bytes = bytes
  }

  /** How much of one file may be read at once now. */
  get share(): number {
    return Math.min(MOST_READ, Math.max(LEAST_READ, Math.floor(this.#bytes / Math.max(1, this.#files))))
  }

  join(): void {
    this.#files += 1
  }

  leave(): void {
    this.#files -= 1
  }
}

/** Refuses anything but a regular file: a pipe, for one, would block. */
export async function openRegular(disk: string, path: TeamPath, budget: ReadBudget): Promise<OpenFile> {
  const handle = await onDisk(path, () => open(disk, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
  const stats = await handle.stat({ bigint: true })
  if (stats.isFile()) return openedFile(handle, entryOf(path, stats), budget)
  await handle.close()
  throw new FileProblem('not-a-file', path)
}

/** Reads by position, so that one open file can be read more than once. */
function openedFile(handle: FileHandle, entry: FileEntry, budget: ReadBudget): OpenFile {
  let open = true
  budget.join()
  return {
    entry,
    read: (start = 0, end = entry.bytes) => chunks(handle, entry, { start, end: Math.min(end, entry.bytes) }, budget),
    close() {
      if (open) budget.leave()
      open = false
      return handle.close()
    },
  }
}

async function* chunks(
  handle: FileHandle,
  entry: FileEntry,
  { start, end }: { start: number; end: number },
  budget: ReadBudget,
): AsyncGenerator<Buffer> {
  let position = start
  while (position < end) {
    const length = Math.min(budget.share, end - position)
    const { buffer, bytesRead } = await onDisk(entry.path, () =>
      handle.read(Buffer.allocUnsafeSlow(length), 0, length, position),
    )
    if (bytesRead === 0) throw new Error(`${entry.path} became shorter while it was read`)
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
