import { type FileEntry, FileProblem } from '../../files/file-area.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { isDatabaseAway } from '../../store/postgres/database-errors.ts'
import { removeUpload, renameUpload } from '../../store/uploads/arrived-files.ts'
import { interruptedUpload } from '../../store/uploads/interrupted-uploads.ts'
import { checkOwn, checkRemovable, checkRenamable } from './check-permission.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'
import { timeVal } from './listing-commands.ts'
import { withCarriageReturns } from './transfers/ascii.ts'

/** A larger file is not read for its line ends alone. */
const MOST_COUNTED = 64 << 20

/** CWD; without a path it leads home. */
export async function changeFolder(session: CommandSession, argument: string): Promise<void> {
  await enter(session, argument === '' ? ROOT : session.path(argument))
}

export async function changeToParent(session: CommandSession): Promise<void> {
  await enter(session, folderOf(session.folder))
}

export async function printFolder(session: CommandSession): Promise<void> {
  await session.reply(257, `${quoted(session.folder)} is the current directory.`)
}

export async function makeFolder(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const { area, team } = session.user
  if (await exists(session, path)) throw new FileProblem('already-exists', path)
  if ((await area.stat(folderOf(path))).kind !== 'folder') throw new FileProblem('not-a-folder', folderOf(path))
  await session.options.storage.makeFolder(team, area, path)
  await session.reply(257, `${quoted(path)} created.`)
}

export async function removeFolder(session: CommandSession, argument: string): Promise<void> {
  await session.user.area.removeFolder(session.path(argument))
  await session.reply(250, 'Directory removed.')
}

export async function deleteFile(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const { area, team } = session.user
  if ((await area.stat(path)).kind !== 'file') throw new FileProblem('not-a-file', path)
  await removeUpload(session.options.db, team.id, path, async (tx) => {
    await checkRemovable(session, path, tx)
    await area.remove(path)
  })
  session.event('delete', path)
  await session.reply(250, 'File deleted.')
}

export async function renameFrom(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  if (path === ROOT) throw new FileProblem('not-allowed', path)
  await session.user.area.stat(path)
  await checkRenamable(session, path)
  session.renameFrom = path
  await session.reply(350, 'Ready for RNTO.')
}

export async function renameTo(session: CommandSession, argument: string): Promise<void> {
  const from = session.renameFrom
  if (!from) throw new FtpRefusal(503, 'RNFR required first.')
  session.renameFrom = null
  const to = session.path(argument)
  const { area, team } = session.user
  if (to !== from) {
    const arrived = await renameUpload(session.options.db, team.id, { from, to }, async (tx) => {
      // It may have been imported since RNFR.
      await checkRenamable(session, from, tx)
      if (await exists(session, to)) await checkOwn(session, to, tx)
      return area.move(from, to, { replace: true })
    })
    for (const path of arrived) session.options.uploadReady?.(team, path)
    session.event('rename', to, { from })
  }
  await session.reply(250, 'Rename successful.')
}

/** SIZE (RFC 3659 section 4): how many bytes RETR would send, which in TYPE A are others than those on the disk. */
export async function size(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const kept = await interrupted(session, path)
  const ascii = session.connection.transferType === 'ascii'
  if (ascii && kept !== null) throw new FtpRefusal(550, 'Resuming this upload requires TYPE I.')
  if (kept !== null) session.toldSizes.add(path)
  const bytes = kept ?? (ascii ? await asciiSize(session, path) : (await fileAt(session, path)).bytes)
  await session.reply(213, String(bytes))
}

async function asciiSize(session: CommandSession, path: TeamPath): Promise<number> {
  if ((await fileAt(session, path)).bytes > MOST_COUNTED)
    throw new FtpRefusal(550, 'SIZE of a large file requires TYPE I.')
  const file = await session.user.area.open(path)
  try {
    let bytes = 0
    for await (const { length } of withCarriageReturns(file.read())) bytes += length
    return bytes
  } finally {
    await file.close()
  }
}

export async function modificationTime(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  await session.reply(213, timeVal((await fileAt(session, path)).modifiedAt))
}

/** MFMT: the time that clients see. What orders uploads is the time of receipt, which no client can set. */
export async function setModificationTime(session: CommandSession, argument: string): Promise<void> {
  const [, stamp = '', name = ''] = /^(\d{14})(?:\.\d+)? (.+)$/s.exec(argument) ?? []
  const at = new Date(stamp.replace(/^(\d{4})(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(at.getTime()) || timeVal(at) !== stamp)
    throw new FtpRefusal(501, 'MFMT requires YYYYMMDDHHMMSS and a path.')
  const path = session.path(name)
  await fileAt(session, path)
  await checkOwn(session, path)
  await session.user.area.setModified(path, at)
  await session.reply(213, `Modify=${stamp}; ${path}`)
}

async function fileAt(session: CommandSession, path: TeamPath): Promise<FileEntry> {
  const entry = await session.user.area.stat(path)
  if (entry.kind !== 'file') throw new FileProblem('not-a-file', path)
  return entry
}

/** To its account a broken upload has the size from which it can be continued, as every server would show it. */
async function interrupted(session: CommandSession, path: TeamPath): Promise<number | null> {
  const { team, account, area } = session.user
  const of = { teamId: team.id, account: account.username, path }
  const kept = await interruptedUpload(session.options.db, of).catch((error: unknown) => {
    // While the database is unreachable a client may still see its own uploads.
    if (isDatabaseAway(error)) return null
    throw error
  })
  return kept && (await area.resume(kept.temporaryName)) ? kept.bytes : null
}

async function enter(session: CommandSession, path: TeamPath): Promise<void> {
  if ((await session.user.area.stat(path)).kind !== 'folder') throw new FileProblem('not-a-folder', path)
  session.folder = path
  await session.reply(250, `${quoted(path)} is the current directory.`)
}

async function exists({ user }: CommandSession, path: TeamPath): Promise<boolean> {
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
