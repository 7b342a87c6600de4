import { FileProblem, type OpenFile } from '../../files/file-area.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { interruptedUpload } from '../../store/uploads/interrupted-uploads.ts'
import { checkReadable } from './check-permission.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'

interface Continuable {
  file: OpenFile
  length: number
}

/**
 * APPE continues an interrupted upload only if this session has asked for its SIZE, as no listing shows it; a client that
 * does not know of it sends a whole file.
 */
export async function appendable(session: CommandSession, path: TeamPath): Promise<Continuable | null> {
  return session.toldSizes.has(path) ? resumable(session, path) : standingFile(session, path)
}

/**
 * REST continues the account's own interrupted upload to that path if it is newer than the file there, as every server
 * would show the half-written file; else the file. Null where there is neither.
 */
async function resumable(session: CommandSession, path: TeamPath): Promise<Continuable | null> {
  const { area, account, team } = session.user
  const interrupted = await interruptedUpload(session.options.db, { teamId: team.id, account: account.username, path })
  const kept = interrupted && (await ifThere(area.openPending(interrupted.temporaryName)))
  if (kept) return { file: kept, length: Math.min(kept.entry.bytes, interrupted.bytes) }
  return standingFile(session, path)
}

async function standingFile(session: CommandSession, path: TeamPath): Promise<Continuable | null> {
  const file = await ifThere(session.user.area.open(path))
  if (!file) return null
  try {
    await checkReadable(session, file)
  } catch (error) {
    await file.close()
    throw error
  }
  return { file, length: file.entry.bytes }
}

/** The first `start` bytes of what can be continued; never past its end. */
export async function continuedFrom(session: CommandSession, path: TeamPath, start: number): Promise<Continuable> {
  const beginning = await resumable(session, path)
  if (beginning && start <= beginning.length) return { ...beginning, length: start }
  await beginning?.file.close()
  throw new FtpRefusal(
    554,
    `Restart offset is past the end of the file (${beginning?.length ?? 0} bytes); send the whole file.`,
  )
}

async function ifThere(opened: Promise<OpenFile>): Promise<OpenFile | null> {
  try {
    return await opened
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return null
    throw error
  }
}
