import { sql } from 'kysely'
import type { ImportSettings } from '../../model/import-settings.ts'
import { folderOf } from '../../model/team-path.ts'
import type { SeenFile, Upload } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { inFolder } from '../postgres/in-folder.ts'
import { uploadOf } from './find-uploads.ts'
import { gone, lockPath } from './path-locks.ts'
import { receivedColumns } from './received-bytes.ts'
import { uploadOfFile } from './recognise.ts'
import { type Judgement, verdictColumns, WAITING } from './verdict.ts'

/** A file in the root that the ledger does not know at that path. */
export interface FoundFile {
  seen: SeenFile
  /** Unchanged for so long that no one is still writing it. */
  settled: boolean
  select: ImportSettings['file']['select']
  /** It is still there; called while its path is locked. */
  stands(): Promise<boolean>
}

/**
 * The ledger's entry for a file that was found: the one that the file had before a restore or a look that did not find it,
 * with its receipt time and its verdict, else a new one once it has settled. null where it gets none now.
 */
export async function fileFound(db: Database, teamId: number, file: FoundFile): Promise<Upload | null> {
  const { seen, settled } = file
  const known = await uploadOfFile(db, teamId, seen)
  if (known?.goneAt === null) return known
  if (!settled && (!known || !comesBack(known, seen))) return null
  // Before anything is locked: a large file takes time to read.
  const sha256 = await seen.sha256()
  return db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, seen.path)
    if (!(await file.stands())) return null
    const upload = await uploadOfFile(tx, teamId, seen)
    if (upload?.goneAt === null) return upload
    const back = upload && comesBack(upload, seen) ? upload : null
    if (!back && !settled) return null
    // What an older copy hides may come back with a newer one; a new file replaces the former one.
    await gone(tx, teamId, seen.path, { vanished: back !== null })
    return back ? bringBack(tx, back, file) : enter(tx, teamId, seen, sha256)
  })
}

/** The system stamps files by a clock that ticks 100 times a second at the slowest, and so may lag behind the database. */
const FILE_CLOCK_MS = 20
/** Some programs that copy files round their times up to the next millisecond. */
const ROUNDED_MS = 1

/**
 * A copy on the host may deliver the same bytes again; then it is a new file, written after the last change of the
 * former one. One written later, but before the former one went, was changed between two looks.
 */
function comesBack({ source, vanished, goneAt, changedAt }: Upload, { modifiedAt }: SeenFile): boolean {
  if (source !== 'host' || vanished) return true
  if (changedAt !== null && modifiedAt.getTime() <= changedAt.getTime() + ROUNDED_MS) return true
  return goneAt !== null && modifiedAt.getTime() <= goneAt.getTime() - FILE_CLOCK_MS
}

async function bringBack(tx: Database, upload: Upload, { seen, select }: FoundFile): Promise<Upload> {
  const { identity, changedAt } = seen
  const judgement = await judgementOf(tx, upload, select)
  const row = await tx
    .updateTable('upload')
    .set({ gone_at: null, vanished: false, device: String(identity.device), inode: String(identity.inode) })
    .set({ changed_at: changedAt, ...(judgement && verdictColumns(judgement)) })
    .where('id', '=', upload.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return uploadOf(row)
}

/** null: it keeps its verdict. What had been replaced or removed, or is older than what was taken since, is not taken again by itself. */
async function judgementOf(tx: Database, upload: Upload, select: FoundFile['select']): Promise<Judgement | null> {
  const { verdict, vanished } = upload
  if (verdict !== 'waiting' && verdict !== 'rejected' && verdict !== 'claimed') return null
  if (!vanished)
    return { verdict: 'superseded', reason: 'It came back, from a backup perhaps, after it was replaced or removed.' }
  if (await isNewerTaken(tx, upload, select))
    return { verdict: 'superseded', reason: 'It came back, from a backup perhaps, after a newer file was taken.' }
  return null
}

/** Of the folder where one file is taken at a time, else of the same name. */
async function isNewerTaken(
  tx: Database,
  { teamId, path, receivedAt }: Upload,
  select: FoundFile['select'],
): Promise<boolean> {
  const newer = await tx
    .selectFrom('upload')
    .select('id')
    .where('team_id', '=', teamId)
    .where('received_at', '>', receivedAt)
    .where('verdict', 'in', ['imported', 'held', 'claimed'])
    .where(select === 'most_recent' ? inFolder(folderOf(path)) : sql<boolean>`path = ${path}`)
    .limit(1)
    .execute()
  return newer.length > 0
}

async function enter(tx: Database, teamId: number, seen: SeenFile, sha256: string | null): Promise<Upload> {
  const { path, identity, changedAt } = seen
  const row = await tx
    .insertInto('upload')
    .values({
      team_id: teamId,
      path,
      source: 'host',
      account: null,
      state: 'ready',
      received_at: sql<Date>`clock_timestamp()`,
      changed_at: changedAt,
      ...receivedColumns({ bytes: identity.bytes, sha256, identity }),
      ...verdictColumns(WAITING),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return uploadOf(row)
}
