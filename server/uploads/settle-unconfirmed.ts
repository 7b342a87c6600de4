import { type FileArea, type FileEntry, FileProblem, type OpenFile, type PendingFile } from '../../files/file-area.ts'
import { seenFile, seenOpen } from '../../files/seen-file.ts'
import type { Team } from '../../model/team.ts'
import { folderOf, type TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { isOvertaken } from '../../store/uploads/find-uploads.ts'
import { holdBeside } from '../../store/uploads/held-beside.ts'
import { uploadReady } from '../../store/uploads/publish-uploads.ts'
import { isFileOf, standsAs } from '../../store/uploads/recognise.ts'
import type { UnfinishedUpload } from '../../store/uploads/unfinished-uploads.ts'

const HELD =
  'The client left without a word behind its upload, and the last record is not whole: the file may be cut off.'

/** Asked for an upload that no command confirmed. */
export type MayTakeName = (team: Team, path: TeamPath, file: OpenFile) => Promise<boolean>

/**
 * Decides about an upload that got a 226 and that no command confirmed: it takes its name if it may, otherwise it stays
 * beside, held for a person. Answers null where nothing is left of it.
 */
export async function settleUnconfirmed(
  { db, area, team, mayTakeName }: { db: Database; area: FileArea; team: Team; mayTakeName: MayTakeName },
  upload: UnfinishedUpload,
): Promise<'waiting' | 'held' | null> {
  const pending = upload.temporaryName ? await area.resume(upload.temporaryName) : null
  // The ledger may have heard of bytes that the disk never got.
  if (pending && upload.identity && !(await asked(area, pending, (file) => isFileOf(upload, seenOpen(area, file)))))
    return null
  // What it brings is older than what has been taken, or imported, since.
  if (pending && (await isOvertaken(db, upload))) return null
  // Without a hidden file it was confirmed and has its name, if that very file is there.
  if (!pending && !(await standing(db, area, upload))) return null
  if (pending && !(await asked(area, pending, (file) => mayTakeName(team, upload.path, file)))) {
    await holdBeside(db, upload, HELD)
    return 'held'
  }
  const superseded = await uploadReady(db, upload, async () => {
    if (pending) return { seen: await publishPending(area, pending, upload.path) }
    // Only what lasts may be ready.
    await area.flushName(upload.path)
    const seen = await standing(db, area, upload)
    return seen ? { seen } : 'replaced'
  })
  for (const name of superseded) await (await area.resume(name))?.discard()
  return 'waiting'
}

async function asked(
  area: FileArea,
  { temporaryName }: PendingFile,
  question: (file: OpenFile) => Promise<boolean>,
): Promise<boolean> {
  const file = await area.openPending(temporaryName)
  try {
    return await question(file)
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
