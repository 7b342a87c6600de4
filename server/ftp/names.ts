import { FileProblem } from '../../files/file-area.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { uploadRemoved, uploadRenamed } from '../../store/uploads.ts'
import { timeVal } from './listing.ts'
import { checkOwn } from './permissions.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'

export async function changeFolder(session: FtpSession, argument: string): Promise<void> {
  await enter(session, session.path(argument))
}

export async function changeToParent(session: FtpSession): Promise<void> {
  await enter(session, folderOf(session.folder))
}

export async function printFolder(session: FtpSession): Promise<void> {
  await session.reply(257, `${quoted(session.folder)} is the current folder.`)
}

export async function makeFolder(session: FtpSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const { area } = session.user
  if (await exists(session, path)) throw new FileProblem('already-exists', path)
  if ((await area.stat(folderOf(path))).kind !== 'folder') throw new FileProblem('not-a-folder', folderOf(path))
  await area.makeFolder(path)
  await session.reply(257, `${quoted(path)} was made.`)
}

export async function removeFolder(session: FtpSession, argument: string): Promise<void> {
  await session.user.area.removeFolder(session.path(argument))
  await session.reply(250, 'The folder was removed.')
}

export async function deleteFile(session: FtpSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const { area, team } = session.user
  if ((await area.stat(path)).kind !== 'file') throw new FileProblem('not-a-file', path)
  await checkOwn(session, path)
  await area.remove(path)
  await uploadRemoved(session.options.db, team.id, path)
  await session.reply(250, 'The file was deleted.')
}

export async function renameFrom(session: FtpSession, argument: string): Promise<void> {
  const path = session.path(argument)
  if (path === ROOT) throw new FileProblem('not-allowed', path)
  await session.user.area.stat(path)
  await checkOwn(session, path)
  session.renameFrom = path
  await session.reply(350, 'Now RNTO with the new name.')
}

export async function renameTo(session: FtpSession, argument: string): Promise<void> {
  const from = session.renameFrom
  if (!from) throw new Refusal(503, 'Send RNFR first.')
  session.renameFrom = null
  const to = session.path(argument)
  const { area, team } = session.user
  if (to !== from && (await exists(session, to))) await checkOwn(session, to)
  await area.move(from, to, { replace: true })
  const arrived = to === from ? [] : await uploadRenamed(session.options.db, team.id, from, to)
  for (const path of arrived) session.options.uploadReady?.(team, path)
  await session.reply(250, 'Renamed.')
}

export async function size(session: FtpSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const { kind, bytes } = await session.user.area.stat(path)
  if (kind !== 'file') throw new FileProblem('not-a-file', path)
  await session.reply(213, String(bytes))
}

export async function modificationTime(session: FtpSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const { kind, modifiedAt } = await session.user.area.stat(path)
  if (kind !== 'file') throw new FileProblem('not-a-file', path)
  await session.reply(213, timeVal(modifiedAt))
}

async function enter(session: FtpSession, path: TeamPath): Promise<void> {
  if ((await session.user.area.stat(path)).kind !== 'folder') throw new FileProblem('not-a-folder', path)
  session.folder = path
  await session.reply(250, `${quoted(path)} is the current folder.`)
}

async function exists({ user }: FtpSession, path: TeamPath): Promise<boolean> {
  try {
    await user.area.stat(path)
    return true
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return false
    throw error
  }
}

/** RFC 959: a quote inside a path name is doubled. */
function quoted(path: TeamPath): string {
  return `"${path.replaceAll('"', '""')}"`
}
