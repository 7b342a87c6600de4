import { FileProblem, type FileProblemKind } from './file-area.ts'

const KINDS: Record<string, FileProblemKind> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EEXIST: 'already-exists',
  EISDIR: 'not-a-file',
  ENOTEMPTY: 'not-empty',
  EACCES: 'not-allowed',
  EPERM: 'not-allowed',
  EROFS: 'not-allowed',
  ELOOP: 'not-allowed',
  EINVAL: 'not-allowed',
  ENAMETOOLONG: 'not-allowed',
  EXDEV: 'other-disk',
  // A folder on which a disk is mounted.
  EBUSY: 'other-disk',
  // Opening a socket or a pipe without a reader.
  ENXIO: 'not-a-file',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EMFILE: 'too-many-open',
  ENFILE: 'too-many-open',
}

/** Maps a file system error to a `FileProblem`; returns any other error unchanged. */
export function problemOf(error: unknown, path: string): unknown {
  const kind = KINDS[(error as NodeJS.ErrnoException).code ?? '']
  return kind ? new FileProblem(kind, path, { cause: error }) : error
}

/** Does `work` on `path` and rejects with a `FileProblem` where the file system refuses. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw problemOf(error, path)
  }
}
