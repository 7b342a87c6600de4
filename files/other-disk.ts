import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MOVING_FOLDER, type TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'
import { onDisk } from './disk-problems.ts'
import { entryOf, isThis, statIfThere } from './disk-stat.ts'
import { FileProblem } from './file-area.ts'

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants
const COPY_BYTES = 1 << 20
const COPY_SUFFIX = '.copy'
/** The next copy removes older leftovers of a crash. */
const LEFT_MS = 24 * 3_600_000

/** The hidden name of a file that is on its way follows from the file: a repetition after a crash finds what is left. */
export function hiddenNameOf({ device, inode }: FileIdentity): string {
  return createHash('sha256').update(`${device} ${inode}`).digest('hex').slice(0, 32)
}

/** A hidden name in the folder of `disk`, and so on its file system, which may be another one than that of the root. */
export function hiddenBeside(disk: string, identity: FileIdentity): string {
  return join(dirname(disk), MOVING_FOLDER, hiddenNameOf(identity))
}

export function isOtherDisk(error: unknown): boolean {
  return error instanceof FileProblem && error.kind === 'other-disk'
}

/**
 * Does `work` in the folder of hidden names beside `disk`: it is made where it is missing, and removed unless another still
 * needs it.
 */
export async function inMovingFolder<T>(disk: string, work: () => Promise<T>): Promise<T> {
  const folder = join(dirname(disk), MOVING_FOLDER)
  try {
    for (;;)
      try {
        return await work()
      } catch (error) {
        const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
        // Another may have removed it just after it was made here.
        if (code !== 'ENOENT' || (await statIfThere(folder))) throw error
        await onDisk(folder, () => mkdir(folder, { mode: 0o750 })).catch((refused) => {
          if (!(refused instanceof FileProblem && refused.kind === 'already-exists')) throw refused
        })
      }
  } finally {
    await leaveMovingFolder(disk)
  }
}

/** Nothing happens where it is not there. */
export async function leaveMovingFolder(disk: string): Promise<void> {
  await rmdir(join(dirname(disk), MOVING_FOLDER)).catch(() => {})
}

/**
 * Copies the file at `source` beside `target` and flushes it: a rename cannot reach another file system. `name` then gives
 * the copy its name. The copy keeps the time of the file, to the millisecond. Answers which file was copied; `wanted` says
 * which one is expected.
 */
export async function copyAcross(
  source: string,
  target: string,
  path: TeamPath,
  name: (copy: string) => Promise<void>,
  wanted?: FileIdentity,
): Promise<FileIdentity> {
  const from = await onDisk(path, () => open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
  try {
    const before = await from.stat({ bigint: true })
    if (!before.isFile()) throw new FileProblem('not-a-file', path)
    if (wanted && !isThis(before, wanted)) throw new FileProblem('not-found', path)
    const { identity } = entryOf(path, before)
    const copy = hiddenBeside(target, identity) + COPY_SUFFIX
    await inMovingFolder(target, async () => {
      const to = await onDisk(path, () => open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o640))
      try {
        await onDisk(path, async () => {
          await copyBytes(from, to)
          await to.utimes(before.atime, before.mtime)
          await to.sync()
        }).finally(() => to.close())
        const after = await from.stat({ bigint: true })
        if (!isThis(after, identity) || after.mtimeNs !== before.mtimeNs)
          throw new Error(`${path} was changed while it was copied to another file system`)
        await name(copy)
      } finally {
        await unlink(copy).catch(() => {})
        await removeLeft(dirname(copy))
      }
    })
    return identity
  } finally {
    await from.close()
  }
}

async function copyBytes(from: FileHandle, to: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafe(COPY_BYTES)
  for (let position = 0; ; ) {
    const { bytesRead } = await from.read(buffer, 0, COPY_BYTES, position)
    if (bytesRead === 0) return
    await to.writeFile(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
}

async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(COPY_SUFFIX)) continue
    const disk = join(folder, name)
    const stats = await statIfThere(disk)
    if (stats && Date.now() - Number(stats.mtimeMs) > LEFT_MS) await unlink(disk).catch(() => {})
  }
}
