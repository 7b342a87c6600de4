import { BackupProblem } from '../../files/backup/archive.ts'

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
  // PostgreSQL: disk_full.
  '53100': 'the disk of the database is full',
}

/** What goes wrong in the ordinary way where `place` is written to is told in a sentence. */
export async function orExplained<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
    throw reason ? new BackupProblem(`${place} cannot be written: ${reason}.`, { cause: error }) : error
  }
}
