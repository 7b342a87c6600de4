import type { FileHandle } from 'node:fs/promises'
import { onDisk } from './disk-problems.ts'
import type { FileEntry, OpenFile } from './file-area.ts'

const CHUNK_BYTES = 512 * 1024

/** Reads by position, so that one open file can be read more than once. */
export function openedFile(handle: FileHandle, entry: FileEntry): OpenFile {
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
