import ssh2 from 'ssh2'
import { type FileEntry, FileProblem } from '../../files/file-area.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { mayRead, mayTouch } from '../uploads/permissions.ts'
import { Download } from './download-handle.ts'
import type { Handle } from './handles.ts'
import type { RequestSession } from './request-session.ts'
import { Refusal } from './sftp-replies.ts'
import { Upload } from './upload-handle.ts'

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
    if (!(await mayRead(session.options.db, session.user, { path, identity: file.entry.identity })))
      throw new Refusal('denied', 'This account may read only its own uploads that are not imported yet.')
    return new Download(file)
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openToWrite(session: RequestSession, path: TeamPath, flags: number): Promise<Handle> {
  if (session.stopping) throw new Refusal('failure', 'The service is stopping; try again later.')
  const there = await entryAt(session, path)
  const problem = writeProblem(flags, there !== null)
  if (problem) throw problem
  if (there?.kind === 'folder') throw new FileProblem('not-a-file', path)
  if (there && !(await mayTouch(session.options.db, session.user, path)))
    throw new Refusal('denied', 'This account may replace only its own uploads.')
  const folder = await session.area.stat(folderOf(path))
  if (folder.kind !== 'folder') throw new FileProblem('not-a-folder', folderOf(path))
  return Upload.begin(session, path)
}

/** Why a file cannot be written with these flags; `there` is whether the name is taken. */
export function writeProblem(flags: number, there: boolean): Refusal | null {
  if (flags & OPEN_MODE.APPEND)
    return new Refusal('unsupported', 'Nothing can be appended to a file; send the whole file.')
  if (!there)
    return flags & OPEN_MODE.CREAT ? null : new Refusal('failure', 'There is no such file, and none was to be made.')
  if (flags & OPEN_MODE.EXCL) return new Refusal('failure', 'This name is taken.')
  if (flags & OPEN_MODE.TRUNC) return null
  return new Refusal(
    'unsupported',
    'A file that is there cannot be changed or continued; send the whole file, so that it is replaced.',
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
