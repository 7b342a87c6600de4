import { type FileArea, FileProblem, type PendingFile } from '../../files/file-area.ts'
import type { FileVerdict } from '../../model/run.ts'
import { folderOf, type TeamPath } from '../../model/team-path.ts'
import { sameFile } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { isOvertaken } from '../../store/uploads/find-uploads.ts'
import { uploadReady } from '../../store/uploads/publish-uploads.ts'
import type { UnfinishedUpload } from '../../store/uploads/unfinished-uploads.ts'
import type { Judgement } from '../../store/uploads/verdict.ts'

const HELD: Judgement = {
  verdict: 'held',
  reason: 'The upload was not confirmed: the service stopped before its end was certain.',
}
const WAITING: Judgement = { verdict: 'waiting', reason: null }

/**
 * Publishes an upload whose data had ended before its process died; held unless its last record is whole. Answers null where
 * nothing is left of it to publish.
 */
export async function publishRecovered(
  db: Database,
  area: FileArea,
  upload: UnfinishedUpload,
): Promise<FileVerdict | null> {
  const pending = upload.temporaryName ? await area.resume(upload.temporaryName) : null
  // The ledger may have heard of bytes that the disk never got.
  if (pending && upload.identity && pending.bytes !== upload.identity.bytes) return null
  // What it brings is older than what has been taken, or imported, since.
  if (pending && (await isOvertaken(db, upload))) return null
  // Without its hidden file it was confirmed and given its name, if that very file stands there.
  if (!pending && !(await standsAt(area, upload))) return null
  let judgement = WAITING
  const superseded = await uploadReady(db, upload, async () => {
    if (pending) judgement = await publishPending(area, pending, upload.path)
    // Only what lasts may be ready.
    else await area.flushName(upload.path)
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
