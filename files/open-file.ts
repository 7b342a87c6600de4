import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { TeamPath } from '../model/team-path.ts'
import { onDisk } from './disk-problems.ts'
import { entryOf } from './disk-stat.ts'
import { type FileEntry, FileProblem, type OpenFile } from './file-area.ts'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

const CHUNK_BYTES = 512 * 1024

/** Opens what has to be a regular file: a pipe, for one, would block. */
export async function openRegular(disk: string, path: TeamPath): Promise<OpenFile> {
  const handle = await onDisk(path, () => open(disk, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
  const stats = await handle.stat({ bigint: true })
  if (stats.isFile()) return openedFile(handle, entryOf(path, stats))
  await handle.close()
  throw new FileProblem('not-a-file', path)
}

/** Reads by position, so that one open file can be read more than once. */
function openedFile(handle: FileHandle, entry: FileEntry): OpenFile {
  return {
    entry,
    read: (start = 0, end = entry.bytes) => chunks(handle, entry, start, Math.min(end, entry.bytes)),
    close: () => handle.close(),
  }
}

async function* chunks(handle: FileHandle, entry: FileEntry, start: number, end: number): AsyncGenerator<Buffer> {
  let position = start
  while (position < end) {
    const length = Math.min(CHUNK_BYTES, end - position)
    const { buffer, bytesRead } = await onDisk(entry.path, () =>
      handle.read(Buffer.allocUnsafeSlow(length), 0, length, position),
    )
    if (bytesRead === 0) throw new Error(`${entry.path} became shorter while it was read`)
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
