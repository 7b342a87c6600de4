import { type FileArea, type FileEntry, FileProblem, type PendingFile } from '../../files/file-area.ts'
import { seenFile, seenOpen } from '../../files/seen-file.ts'
import type { FileVerdict } from '../../model/run.ts'
import { folderOf, type TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { isOvertaken } from '../../store/uploads/find-uploads.ts'
import { uploadReady } from '../../store/uploads/publish-uploads.ts'
import { isFileOf, standsAs } from '../../store/uploads/recognise.ts'
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
  if (pending && upload.identity && !(await holdsItsBytes(area, pending, upload))) return null
  // What it brings is older than what has been taken, or imported, since.
  if (pending && (await isOvertaken(db, upload))) return null
  // Without its hidden file it was confirmed and given its name, if that very file stands there.
  if (!pending && !(await standing(db, area, upload))) return null
  let judgement = WAITING
  const superseded = await uploadReady(db, upload, async () => {
    if (pending) {
      const seen = await publishPending(area, pending, upload.path)
      if (!(await endsWithLineBreak(area, upload.path))) judgement = HELD
      return { seen, judgement }
    }
    // Only what lasts may be ready.
    await area.flushName(upload.path)
    const seen = await standing(db, area, upload)
    return seen ? { seen, judgement } : 'replaced'
  })
  for (const name of superseded) await (await area.resume(name))?.discard()
  return judgement.verdict
}

async function holdsItsBytes(area: FileArea, { temporaryName }: PendingFile, upload: Upload): Promise<boolean> {
  const file = await area.openPending(temporaryName)
  try {
    return await isFileOf(upload, seenOpen(area, file))
  } finally {
    await file.close()
  }
}

async function publishPending(area: FileArea, pending: PendingFile, path: TeamPath): Promise<FileEntry> {
  await area.makeFolder(folderOf(path))
  return pending.publish(path)
}

async function standing(db: Database, area: FileArea, upload: Upload): Promise<FileEntry | null> {
  try {
    const entry = await area.stat(upload.path)
    return (await standsAs(db, upload, seenFile(area, entry))) ? entry : null
  } catch (error) {
    if (error instanceof FileProblem) return null
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
