import { sql } from 'kysely'
import { recognise, type SeenFile, type Upload } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { uploadOf } from './find-uploads.ts'

/** Ignores the path. */
export async function isFileOf(upload: Upload, seen: SeenFile): Promise<boolean> {
  const answer = recognise(upload, seen)
  return answer === 'by_hash' ? (await seen.sha256()) === upload.sha256 : answer === 'same'
}

/**
 * The file at the path of this upload is still the one it brought. A later upload of the same bytes to that path is
 * another file.
 */
export async function standsAs(db: Database, upload: Upload, seen: SeenFile): Promise<boolean> {
  const answer = recognise(upload, seen)
  if (answer !== 'by_hash') return answer === 'same'
  return (await uploadOfFile(db, upload.teamId, seen))?.id === upload.id
}

/**
 * The upload that brought this very file to its path; the ledger may not know yet that it is there, or have
 * written it off. Nothing where the file came by other means, or has been changed since. Records the current
 * identity of the file in the ledger, so that it is read only once.
 */
export async function uploadOfFile(db: Database, teamId: number, seen: SeenFile): Promise<Upload | undefined> {
  const standing = await standingAt(db, teamId, seen)
  const same = standing.find((upload) => recognise(upload, seen) === 'same')
  if (same) return same
  const doubtful = standing.filter((upload) => recognise(upload, seen) === 'by_hash')
  if (doubtful.length === 0 && !(await hasStood(db, teamId, seen))) return undefined
  const sha256 = await seen.sha256()
  if (sha256 === null) return undefined
  const again = doubtful.find((upload) => upload.sha256 === sha256)
  if (!again) return formerAt(db, teamId, seen, sha256)
  await learnFile(db, again.id, seen)
  return again
}

/** Records the current identity of this file on the disk. */
export async function learnFile(
  db: Database,
  id: string,
  { identity, changedAt }: SeenFile,
  sha256: string | null = null,
): Promise<void> {
  await db
    .updateTable('upload')
    .set({ device: String(identity.device), inode: String(identity.inode), changed_at: changedAt })
    .$if(sha256 !== null, (update) => update.set({ sha256 }))
    .where('id', '=', id)
    .where('state', 'in', ['ready', 'unconfirmed'])
    .where('gone_at', 'is', null)
    .execute()
}

async function standingAt(db: Database, teamId: number, { path }: SeenFile): Promise<Upload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where(sql<boolean>`(state = 'ready' and gone_at is null or state = 'unconfirmed')`)
    .orderBy('received_at', 'desc')
    .execute()
  return rows.map(uploadOf)
}

function goneAt(db: Database, teamId: number, { path, identity }: SeenFile) {
  return db
    .selectFrom('upload')
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('bytes', '=', identity.bytes)
    .where('state', '=', 'ready')
    .where('gone_at', 'is not', null)
}

/** Only a path that held a file of this size before makes hashing worthwhile. */
async function hasStood(db: Database, teamId: number, seen: SeenFile): Promise<boolean> {
  const rows = await goneAt(db, teamId, seen).select('id').where('sha256', 'is not', null).limit(1).execute()
  return rows.length > 0
}

/** Of several uploads of the same bytes the last. */
async function formerAt(db: Database, teamId: number, seen: SeenFile, sha256: string): Promise<Upload | undefined> {
  const row = await goneAt(db, teamId, seen)
    .selectAll()
    .where('sha256', '=', sha256)
    .orderBy('received_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && uploadOf(row)
}
