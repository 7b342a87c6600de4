import { sql } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'
import { recognise, type SeenFile } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import type { WrittenFileRow } from '../postgres/tables.ts'

/** Results are removed after so many days. */
const KEPT_DAYS = 30

export interface Content {
  bytes: number
  sha256: string
}

/** The entry is gone: the team was removed, or its file is not wanted any more. */
export class NotWanted extends Error {
  override readonly name = 'NotWanted'
}

/**
 * Call it before the file gets its name, with what stands under it until then: whichever of the two a crash leaves there is
 * known to be ours. Rejects with `NotWanted` where the ledger has no such entry any more.
 */
export async function noteContent(db: Database, id: string, content: Content, standing: Content | null): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('written_file')
    .set({
      ...content,
      ...{ former_bytes: standing?.bytes ?? null, former_sha256: standing?.sha256 ?? null },
      ...{ device: null, inode: null, changed_at: null },
    })
    .where('id', '=', id)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new NotWanted()
}

/** It stands under its name. Where there has been more to tell since `revision`, it is due again. */
export async function noteWritten(
  db: Database,
  { id, revision }: Pick<WrittenFileRow, 'id' | 'revision'>,
  content: Content,
  { identity, changedAt }: Pick<SeenFile, 'identity' | 'changedAt'>,
): Promise<void> {
  await db
    .updateTable('written_file')
    .set({
      ...content,
      ...{ device: String(identity.device), inode: String(identity.inode), changed_at: changedAt },
      written_at: sql<Date>`clock_timestamp()`,
      state: sql`case when revision = ${revision} then 'written' else 'due' end`,
      next_attempt_at: sql<Date>`clock_timestamp()`,
      attempts: 0,
      last_error: null,
    })
    .where('id', '=', id)
    .execute()
}

/** The ledger's entry of a file that the service wrote; null for any other file, also under a name of ours. */
export async function writtenFile(db: Database, teamId: number, seen: SeenFile): Promise<WrittenFileRow | null> {
  const row = await db
    .selectFrom('written_file')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('path', '=', seen.path)
    .executeTakeFirst()
  if (!row) return null
  const standing = recognise(
    {
      identity:
        row.device === null || row.inode === null || row.bytes === null
          ? null
          : { device: BigInt(row.device), inode: BigInt(row.inode), bytes: row.bytes },
      ...{ changedAt: row.changed_at, bytes: row.bytes ?? -1, sha256: row.sha256 },
    },
    seen,
  )
  if (standing === 'same') return row
  const isSize = seen.identity.bytes === row.bytes || seen.identity.bytes === row.former_bytes
  if (!isSize) return null
  const sha256 = await seen.sha256()
  return sha256 !== null && (sha256 === row.sha256 || sha256 === row.former_sha256) ? row : null
}

/** Those of the paths that a file of ours of this size stands under, as far as the ledger knows. */
export async function writtenAt(
  db: Database,
  teamId: number,
  paths: readonly TeamPath[],
): Promise<Map<string, Pick<WrittenFileRow, 'bytes' | 'former_bytes' | 'batch_id'>>> {
  if (paths.length === 0) return new Map()
  const rows = await db
    .selectFrom('written_file')
    .select(['path', 'bytes', 'former_bytes', 'batch_id'])
    .where('team_id', '=', teamId)
    .where('path', '=', sql<string>`any(${[...paths]}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.path, row]))
}

/** Files that have stood for longer than they are kept. */
export async function expiredFiles(db: Database): Promise<WrittenFileRow[]> {
  return db
    .selectFrom('written_file')
    .selectAll()
    .where('state', '<>', 'due')
    .where(sql<boolean>`coalesce(written_at, created_at) < now() - make_interval(days => ${KEPT_DAYS})`)
    .limit(1_000)
    .execute()
}

/** There is nothing to write any more: what stands there stays ours. */
export async function leaveAsWritten(db: Database, row: WrittenFileRow): Promise<void> {
  if (row.sha256 === null) return forgetWritten(db, row)
  await db
    .updateTable('written_file')
    .set({ state: 'written' })
    .where('id', '=', row.id)
    .where('revision', '=', row.revision)
    .execute()
}

/** Unless there is more to tell since it was read. */
export async function forgetWritten(db: Database, { id, revision }: WrittenFileRow): Promise<void> {
  await db.deleteFrom('written_file').where('id', '=', id).where('revision', '=', revision).execute()
}
