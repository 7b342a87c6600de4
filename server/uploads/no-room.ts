import { randomUUID } from 'node:crypto'
import { type FileArea, FileProblem } from '../../files/file-area.ts'
import { QuotaProblem, roomOf } from '../../files/storage-guard.ts'
import { folderOf, type TeamPath } from '../../model/team-path.ts'
import { NO_ROOM, type NoRoom } from '../../model/upload.ts'
import { uploadRefused } from '../../store/uploads/received-bytes.ts'
import type { ReceivingSession } from './receiving-session.ts'

/** Null for any other error. */
export function noRoomOf(error: unknown): NoRoom | null {
  if (error instanceof QuotaProblem) return 'quota'
  return error instanceof FileProblem && error.kind === 'no-space' ? 'disk_full' : null
}

/** For the log and the audit: free bytes at the target, and how many of them uploads may not use. */
export async function roomDetails(area: FileArea, path: TeamPath, noRoom: NoRoom) {
  const room = await area.space(folderOf(path)).then(roomOf, () => null)
  return { reason: NO_ROOM[noRoom], noRoom, ...room }
}

/** An upload that was refused before it began is in the ledger like one that found no room later. Never rejects. */
export async function refusedUpload(session: ReceivingSession, path: TeamPath, error: unknown): Promise<void> {
  const noRoom = noRoomOf(error)
  if (!noRoom) return
  const { user, options, ledger, source, address } = session
  const { account, team, area } = user
  const id = randomUUID()
  const refused = { id, teamId: team.id, path, source, account: account.username, address }
  void ledger.push(() => uploadRefused(options.db, refused, noRoom), { path, behind: Promise.resolve() })
  const details = { upload: id, bytes: 0, ...(await roomDetails(area, path, noRoom)) }
  session.event('upload-refused', path, details, user, 'warn')
  options.noRoom?.(team, noRoom)
}
