import ssh2, { type Attributes } from 'ssh2'
import { type FileEntry, FileProblem } from '../../files/file-area.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import { removeUpload, renameUpload } from '../../store/uploads/arrived-files.ts'
import { mayRemove, mayRename, mayTouch } from '../uploads/permissions.ts'
import { overlaidWith } from '../uploads/unconfirmed-uploads.ts'
import { attributesOf } from './attributes.ts'
import { DownloadHandle } from './download-handle.ts'
import { ListingHandle } from './listing-handle.ts'
import { open } from './open-file.ts'
import type { RequestSession } from './request-session.ts'
import { SftpRefusal } from './sftp-replies.ts'
import { UploadHandle } from './upload-handle.ts'

const { STATUS_CODE } = ssh2.utils.sftp
/** More than this is answered in part, as the protocol allows. */
const MOST_READ_BYTES = 255 << 10

/** Each request of SFTP version 3. Rejects with the reply for the client. */
export const REQUESTS = {
  OPEN: open,
  READ: read,
  WRITE: write,
  CLOSE: close,
  FSTAT: async (session: RequestSession, id: number, handle: Buffer) =>
    session.channel.sftp.attrs(id, session.handles.get(handle).attributes()),
  FSETSTAT: setAttributesOfHandle,
  STAT: stat,
  LSTAT: stat,
  SETSTAT: setAttributes,
  OPENDIR: openFolder,
  READDIR: async (session: RequestSession, id: number, handle: Buffer) =>
    session.channel.sftp.name(id, await session.handles.of(handle, ListingHandle).next()),
  REALPATH: realPath,
  REMOVE: remove,
  RENAME: (session: RequestSession, id: number, from: string, to: string) =>
    rename(session, id, { from: session.path(from), to: session.path(to), replace: false }),
  MKDIR: makeFolder,
  RMDIR: removeFolder,
  READLINK: noLinks,
  SYMLINK: noLinks,
  EXTENDED: extended,
} as const

export type RequestName = keyof typeof REQUESTS

function ok(session: RequestSession, id: number): void {
  session.channel.sftp.status(id, STATUS_CODE.OK)
}

async function read(
  session: RequestSession,
  id: number,
  handle: Buffer,
  offset: number,
  length: number,
): Promise<void> {
  const data = await session.handles.of(handle, DownloadHandle).read(offset, Math.min(length, MOST_READ_BYTES))
  session.channel.sftp.data(id, data)
}

async function write(session: RequestSession, id: number, handle: Buffer, offset: number, data: Buffer): Promise<void> {
  await session.handles.of(handle, UploadHandle).write(offset, data)
  ok(session, id)
}

async function close(session: RequestSession, id: number, handle: Buffer): Promise<void> {
  await session.handles.take(handle).close()
  ok(session, id)
}

async function stat(session: RequestSession, id: number, path: string): Promise<void> {
  session.channel.sftp.attrs(id, attributesOf(await session.area.stat(session.path(path))))
}

/** Modes and owners are taken and change nothing: clients set them behind each upload. */
async function setAttributes(
  session: RequestSession,
  id: number,
  name: string,
  { size, mtime }: Attributes,
): Promise<void> {
  const path = session.path(name)
  const { bytes, kind } = await session.area.stat(path)
  if (size !== undefined && size !== bytes)
    throw new SftpRefusal('unsupported', 'Changing the size of a file is not supported; send the whole file again.')
  if (mtime !== undefined) {
    if (kind === 'file') await checkOwn(session, path, session.options.db)
    await session.area.setModified(path, new Date(mtime * 1000))
  }
  ok(session, id)
}

async function setAttributesOfHandle(
  session: RequestSession,
  id: number,
  handle: Buffer,
  { size, mtime }: Attributes,
): Promise<void> {
  session.handles.get(handle)
  if (size !== undefined) session.handles.of(handle, UploadHandle).setLength(size)
  if (mtime !== undefined) session.handles.of(handle, UploadHandle).setModified(new Date(mtime * 1000))
  ok(session, id)
}

async function openFolder(session: RequestSession, id: number, path: string): Promise<void> {
  session.handles.checkRoom()
  const folder = session.path(path)
  const entry = await session.area.stat(folder)
  if (entry.kind !== 'folder') throw new FileProblem('not-a-folder', folder)
  session.channel.sftp.handle(id, session.handles.add(new ListingHandle(entry, entriesOf(session, folder))))
}

/** With the uploads of this account over FTP that have yet to get their names. */
function entriesOf({ area, user, options }: RequestSession, folder: TeamPath): AsyncIterable<FileEntry> {
  const by = { teamId: user.team.id, account: user.account.username }
  return overlaidWith(area.list(folder), options.unconfirmed.in(by, folder))
}

async function realPath(session: RequestSession, id: number, path: string): Promise<void> {
  const filename = session.path(path)
  session.channel.sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }])
}

async function remove(session: RequestSession, id: number, name: string): Promise<void> {
  const path = session.path(name)
  const { area, team, options } = session
  if ((await area.stat(path)).kind !== 'file') throw new FileProblem('not-a-file', path)
  await removeUpload(options.db, team.id, path, async (tx) => {
    if (!(await mayRemove(tx, session.user, path)))
      throw new SftpRefusal('denied', 'Permission denied: this account may delete only its own uploads and results.')
    await area.remove(path)
  })
  session.event('delete', path)
  ok(session, id)
}

async function makeFolder(session: RequestSession, id: number, name: string): Promise<void> {
  const path = session.path(name)
  const { area, team, options } = session
  if (await exists(session, path)) throw new FileProblem('already-exists', path)
  if ((await area.stat(folderOf(path))).kind !== 'folder') throw new FileProblem('not-a-folder', folderOf(path))
  await options.storage.makeFolder(team, area, path)
  ok(session, id)
}

async function removeFolder(session: RequestSession, id: number, path: string): Promise<void> {
  await session.area.removeFolder(session.path(path))
  ok(session, id)
}

async function rename(
  session: RequestSession,
  id: number,
  { from, to, replace }: { from: TeamPath; to: TeamPath; replace: boolean },
): Promise<void> {
  const { area, team, options } = session
  if (from === ROOT || to === ROOT) throw new FileProblem('not-allowed', from)
  await area.stat(from)
  if (to !== from) {
    const arrived = await renameUpload(options.db, team.id, { from, to }, async (tx) => {
      if (!(await mayRename(tx, session.user, from)))
        throw new SftpRefusal(
          'denied',
          'Permission denied: this account may rename only its own uploads that are not imported yet.',
        )
      if (replace && (await exists(session, to))) await checkOwn(session, to, tx)
      return area.move(from, to, { replace })
    })
    for (const path of arrived) options.uploadReady?.(team, path)
    session.event('rename', to, { from })
  }
  ok(session, id)
}

async function noLinks(): Promise<void> {
  throw new SftpRefusal('unsupported', 'Links are not supported.')
}

async function extended(session: RequestSession, id: number, name: string, data: Buffer | undefined): Promise<void> {
  if (name === 'limits@openssh.com' && session.channel.sendLimits(id)) return
  if (name !== 'posix-rename@openssh.com') throw new SftpRefusal('unsupported', 'Operation unsupported.')
  const [from, to] = strings(data ?? Buffer.alloc(0)).map((text) => session.path(text))
  if (!from || !to) throw new SftpRefusal('failure', 'Malformed request.')
  const by = { teamId: session.team.id, account: session.user.account.username }
  for (const path of [from, to]) await session.options.unconfirmed.named(by, path, { andInside: true })
  await rename(session, id, { from, to, replace: true })
}

/** The strings of a request, each behind its length. */
function strings(data: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at + 4 <= data.length; ) {
    const end = at + 4 + data.readUInt32BE(at)
    if (end > data.length) throw new SftpRefusal('failure', 'Malformed request.')
    found.push(data.toString('utf8', at + 4, end))
    at = end
  }
  return found
}

async function checkOwn(session: RequestSession, path: TeamPath, tx: Database): Promise<void> {
  if (!(await mayTouch(tx, session.user, path)))
    throw new SftpRefusal('denied', 'Permission denied: this account may change only its own uploads.')
}

async function exists({ area }: RequestSession, path: TeamPath): Promise<boolean> {
  try {
    await area.stat(path)
    return true
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return false
    throw error
  }
}
