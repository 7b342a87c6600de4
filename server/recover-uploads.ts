import { type FileArea, FileProblem, type PendingFile } from '../files/file-area.ts'
import type { Log } from '../log.ts'
import type { FileVerdict } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { folderOf, type TeamPath } from '../model/team-path.ts'
import { sameFile } from '../model/upload.ts'
import type { Database } from '../store/database.ts'
import {
  type Judgement,
  type UnfinishedUpload,
  unfinishedUploads,
  uploadIncomplete,
  uploadReady,
} from '../store/uploads.ts'

const HELD: Judgement = {
  verdict: 'held',
  reason: 'The upload was not confirmed: the service stopped before its end was certain.',
}
const WAITING: Judgement = { verdict: 'waiting', reason: null }

/**
 * Puts in order what an earlier process left behind; call it before anything listens. An upload that was still arriving is
 * incomplete. One whose data had ended is published, and held unless its last record is whole. Hidden files that no upload
 * knows are removed.
 */
export async function recoverUploads(options: {
  db: Database
  teams: readonly Team[]
  fileAreaOf(team: Team): FileArea
  log: Log
}): Promise<void> {
  const { db, teams, fileAreaOf, log } = options
  for (const team of teams) {
    const area = fileAreaOf(team)
    for (const upload of await unfinishedUploads(db, team.id)) {
      const outcome = upload.state === 'unconfirmed' ? await publish(db, area, upload) : 'incomplete'
      if (outcome === 'incomplete') await uploadIncomplete(db, upload.id)
      log.info({ team: team.team, upload: upload.id, path: upload.path, outcome }, 'recovered an upload')
    }
    for (const name of await area.pending()) await (await area.resume(name))?.discard()
  }
}

async function publish(db: Database, area: FileArea, upload: UnfinishedUpload): Promise<FileVerdict | 'incomplete'> {
  const pending = upload.temporaryName ? await area.resume(upload.temporaryName) : null
  // Without its hidden file it was confirmed and given its name, if that very file stands there.
  if (!pending && !(await standsAt(area, upload))) return 'incomplete'
  let judgement = WAITING
  await uploadReady(db, upload, async () => {
    if (pending) judgement = await publishPending(area, pending, upload.path)
    return judgement
  })
  return judgement.verdict
}

async function publishPending(area: FileArea, pending: PendingFile, path: TeamPath): Promise<Judgement> {
  await area.makeFolder(folderOf(path))
  await pending.publish(path)
  return (await endsWithLineBreak(area, path)) ? WAITING : HELD
}

async function standsAt(area: FileArea, upload: UnfinishedUpload): Promise<boolean> {
  try {
    const { identity } = await area.stat(upload.path)
    return upload.identity !== null && sameFile(identity, upload.identity)
  } catch (error) {
    if (error instanceof FileProblem) return false
    throw error
  }
}

/** A line break is one of the last two bytes: in UTF-16 it takes both. */
async function endsWithLineBreak(area: FileArea, path: TeamPath): Promise<boolean> {
  const file = await area.open(path)
  try {
    for await (const end of file.read(Math.max(0, file.entry.bytes - 2))) {
      const [before, last] = end.length === 2 ? [end[0], end[1]] : [undefined, end[0]]
      return isLineBreak(last) || (last === 0 && isLineBreak(before))
    }
    return false
  } finally {
    await file.close()
  }
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d
}
