import { sql } from 'kysely'
import { type TeamPath, teamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { inFolder } from '../postgres/in-folder.ts'
import type { UploadRow } from '../postgres/tables.ts'
import { KEPT_SINCE } from './interrupted-uploads.ts'

/** The ready uploads whose files are in the team's root, oldest receipt first. */
export async function presentUploads(db: Database, teamId: number): Promise<Upload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
    .orderBy('received_at')
    .orderBy('id')
    .execute()
  return rows.map(uploadOf)
}

export async function uploadById(db: Database, id: string): Promise<Upload | null> {
  const row = await db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? uploadOf(row) : null
}

/** The ready upload whose file is at `path`. */
export async function presentUpload(db: Database, teamId: number, path: TeamPath): Promise<Upload | undefined> {
  const row = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
    .executeTakeFirst()
  return row && uploadOf(row)
}

/** Arrival of the newest file of a folder that was imported or is held; older ones are not imported by themselves. */
export async function lastTakenAt(db: Database, teamId: number, folder: TeamPath): Promise<Date | null> {
  const { last } = await db
    .selectFrom('upload')
    .select(({ fn }) => fn.max('received_at').as('last'))
    .where('team_id', '=', teamId)
    .where((eb) =>
      // One that is held beside has no name yet.
      eb.or([eb('verdict', '=', 'imported'), eb.and([eb('verdict', '=', 'held'), eb('temporary_name', 'is', null)])]),
    )
    .where(inFolder(folder))
    .executeTakeFirstOrThrow()
  return last
}

export interface BrokenUpload extends Upload {
  /** So many bytes wait for the account to continue them. */
  kept: number | null
}

/** Broken uploads since `since`, or of the last days, under whose path nothing has arrived since; the last of each path. */
export async function brokenUploads(db: Database, teamId: number, since?: Date): Promise<BrokenUpload[]> {
  const rows = await db
    .selectFrom('upload as broken')
    .selectAll()
    .select(IS_KEPT)
    .distinctOn('path')
    .where('team_id', '=', teamId)
    .where('state', '=', 'incomplete')
    .where('started_at', '>', since ?? sql<Date>`now() - interval '7 days'`)
    .where(
      sql<boolean>`not exists (select from upload later where later.team_id = broken.team_id and later.path = broken.path
        and later.started_at > broken.started_at and later.state <> 'incomplete')`,
    )
    .orderBy('path')
    .orderBy('started_at', 'desc')
    .execute()
  return rows.map(brokenUploadOf)
}

/** To be selected beside the columns that `brokenUploadOf` reads. */
export const IS_KEPT = sql<boolean>`temporary_name is not null and started_at > ${KEPT_SINCE}`.as('is_kept')

export function brokenUploadOf(row: UploadRow & { is_kept: boolean }): BrokenUpload {
  return { ...uploadOf(row), kept: row.is_kept ? row.bytes : null }
}

export function uploadOf(row: UploadRow): Upload {
  return {
    id: row.id,
    teamId: row.team_id,
    path: teamPath(row.path),
    source: row.source,
    account: row.account,
    address: row.address,
    state: row.state,
    startedAt: row.started_at,
    receivedAt: row.received_at,
    bytes: row.bytes,
    sha256: row.sha256,
    identity:
      row.device !== null && row.inode !== null
        ? { device: BigInt(row.device), inode: BigInt(row.inode), bytes: row.bytes }
        : null,
    changedAt: row.changed_at,
    goneAt: row.gone_at,
    vanished: row.vanished,
    verdict: row.verdict,
    verdictReason: row.verdict_reason,
    verdictSettingsVersion: row.verdict_settings_version,
    noRoom: row.no_room,
  }
}

/** A later upload to the same path is ready, or was. */
export async function isOvertaken(
  db: Database,
  { teamId, path, receivedAt }: Pick<Upload, 'teamId' | 'path' | 'receivedAt'>,
): Promise<boolean> {
  if (receivedAt === null) return false
  const later = await db
    .selectFrom('upload')
    .select('id')
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('state', '=', 'ready')
    .where('received_at', '>', receivedAt)
    .limit(1)
    .executeTakeFirst()
  return later !== undefined
}
