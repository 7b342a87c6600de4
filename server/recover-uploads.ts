import { uptime } from 'node:os'
import { type FileArea, FileProblem, type PendingFile } from '../files/file-area.ts'
import type { Log } from '../log.ts'
import type { FileVerdict } from '../model/run.ts'
import type { Team } from '../model/team.ts'
import { folderOf, type TeamPath } from '../model/team-path.ts'
import { sameFile } from '../model/upload.ts'
import type { Database } from '../store/database.ts'
import { allTeams } from '../store/teams.ts'
import {
  forgetKept,
  type Judgement,
  keptUploads,
  type UnfinishedUpload,
  unfinishedUploads,
  uploadIncomplete,
  uploadReady,
  uploadUnconfirmed,
} from '../store/uploads.ts'
import { readNote } from './upload-note.ts'

const SWEEP_MILLISECONDS = 3_600_000

const HELD: Judgement = {
  verdict: 'held',
  reason: 'The upload was not confirmed: the service stopped before its end was certain.',
}
const WAITING: Judgement = { verdict: 'waiting', reason: null }

interface Recovery {
  db: Database
  fileAreaOf(team: Team): FileArea
  log: Log
}

/**
 * Puts in order what an earlier process left behind; call it before anything listens. An upload that was still arriving is
 * incomplete, and what came of it stays hidden for its account to continue. One whose data had ended is published, and
 * held unless its last record is whole. Hidden files that no upload knows are removed.
 */
export async function recoverUploads(options: Recovery & { teams: readonly Team[] }): Promise<void> {
  const { db, teams, fileAreaOf, log } = options
  for (const team of teams) {
    const area = fileAreaOf(team)
    await enterNotes(db, team, area)
    for (const upload of await unfinishedUploads(db, team.id)) {
      const published = upload.state === 'unconfirmed' ? await publish(db, area, upload) : null
      if (!published) await uploadIncomplete(db, upload.id, await keptBytes(area, upload))
      log.info(
        { team: team.team, upload: upload.id, path: upload.path, outcome: published ?? 'incomplete' },
        'recovered an upload',
      )
    }
    for (const { temporaryName } of await area.notes()) await area.dropNote(temporaryName)
    const kept = new Set(await keptUploads(db, team.id))
    for (const name of await area.pending()) if (!kept.has(name)) await (await area.resume(name))?.discard()
    await removeExpired(db, team, area)
  }
}

/** Removes, now and every hour, what of interrupted uploads nobody has continued in time. Answers how to end that. */
export function sweepUploads({ db, fileAreaOf, log }: Recovery): () => void {
  const sweep = async () => {
    for (const team of await allTeams(db)) await removeExpired(db, team, fileAreaOf(team))
  }
  const timer = setInterval(() => {
    sweep().catch((error) => log.warn({ err: error }, 'old interrupted uploads could not be removed'))
  }, SWEEP_MILLISECONDS)
  timer.unref()
  return () => clearInterval(timer)
}

async function removeExpired(db: Database, team: Team, area: FileArea): Promise<void> {
  for (const name of await forgetKept(db, team.id, 'expired')) await (await area.resume(name))?.discard()
}

/** What the ledger could not be told while the database was out of reach. */
async function enterNotes(db: Database, team: Team, area: FileArea): Promise<void> {
  for (const { temporaryName, text } of await area.notes()) {
    const note = readNote(team.id, temporaryName, text)
    if (note) await uploadUnconfirmed(db, note.upload, note.received)
  }
}

/** What was not flushed may have holes once the machine itself went down. */
async function keptBytes(area: FileArea, { temporaryName, startedAt }: UnfinishedUpload): Promise<number | null> {
  if (Date.now() - startedAt.getTime() > uptime() * 1000) return null
  const pending = temporaryName ? await area.resume(temporaryName) : null
  return pending && pending.bytes > 0 ? pending.bytes : null
}

async function publish(db: Database, area: FileArea, upload: UnfinishedUpload): Promise<FileVerdict | null> {
  const pending = upload.temporaryName ? await area.resume(upload.temporaryName) : null
  // The ledger may have heard of bytes that the disk never got.
  if (pending && upload.identity && pending.bytes !== upload.identity.bytes) return null
  // Without its hidden file it was confirmed and given its name, if that very file stands there.
  if (!pending && !(await standsAt(area, upload))) return null
  let judgement = WAITING
  const superseded = await uploadReady(db, upload, async () => {
    if (pending) judgement = await publishPending(area, pending, upload.path)
    return judgement
  })
  for (const name of superseded) await (await area.resume(name))?.discard()
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
