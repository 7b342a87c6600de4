import ssh2 from 'ssh2'
import { type FileEntry, FileProblem } from '../../files/file-area.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { mayRead, mayTouch } from '../uploads/permissions.ts'
import { DownloadHandle } from './download-handle.ts'
import type { Handle } from './handles.ts'
import type { RequestSession } from './request-session.ts'
import { SftpRefusal } from './sftp-replies.ts'
import { UploadHandle } from './upload-handle.ts'

const { OPEN_MODE } = ssh2.utils.sftp

/** OPEN: a whole file to be read, or a whole file to be written. Nothing in between: an import must not meet half a file. */
export async function open(session: RequestSession, id: number, name: string, flags: number): Promise<void> {
  const path = session.path(name)
  session.handles.checkRoom()
  const handle = flags & OPEN_MODE.WRITE ? await openToWrite(session, path, flags) : await openToRead(session, path)
  session.channel.sftp.handle(id, session.handles.add(handle))
}

async function openToRead(session: RequestSession, path: TeamPath): Promise<Handle> {
  const file = await session.area.open(path)
  try {
    if (!(await mayRead(session.options.db, session.user, file)))
      throw new SftpRefusal(
        'denied',
        'Permission denied: this account may read only its own uploads that are not imported yet.',
      )
    return new DownloadHandle(file)
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openToWrite(session: RequestSession, path: TeamPath, flags: number): Promise<Handle> {
  if (session.stopping) throw new SftpRefusal('failure', 'Service shutting down; try again later.')
  const there = await entryAt(session, path)
  const problem = writeProblem(flags, there !== null)
  if (problem) throw problem
  if (there?.kind === 'folder') throw new FileProblem('not-a-file', path)
  if (there && !(await mayTouch(session.options.db, session.user, path)))
    throw new SftpRefusal('denied', 'Permission denied: this account may replace only its own uploads.')
  const folder = await session.area.stat(folderOf(path))
  if (folder.kind !== 'folder') throw new FileProblem('not-a-folder', folderOf(path))
  return UploadHandle.begin(session, path)
}

/** Why a file cannot be written with these flags; `there` is whether the name is taken. */
export function writeProblem(flags: number, there: boolean): SftpRefusal | null {
  if (flags & OPEN_MODE.APPEND)
    return new SftpRefusal('unsupported', 'Appending is not supported; send the whole file.')
  if (!there) return flags & OPEN_MODE.CREAT ? null : new SftpRefusal('failure', 'No such file.')
  if (flags & OPEN_MODE.EXCL) return new SftpRefusal('failure', 'File already exists.')
  if (flags & OPEN_MODE.TRUNC) return null
  return new SftpRefusal(
    'unsupported',
    'Changing or resuming an existing file is not supported; send the whole file to replace it.',
  )
}

async function entryAt({ area }: RequestSession, path: TeamPath): Promise<FileEntry | null> {
  if (path === ROOT) throw new FileProblem('not-a-file', path)
  try {
    return await area.stat(path)
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return null
    throw error
  }
}
