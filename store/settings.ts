import { sql } from 'kysely'
import { type ImportSettings, type ImportSettingsBody, UNSAVED_SETTINGS } from '../model/import-settings.ts'
import type { Database } from './postgres/database.ts'
import { prepared } from './postgres/prepared.ts'

/** The settings that hold now; version 0 where none were saved yet. */
export async function currentSettings(db: Database, teamId: number): Promise<ImportSettings> {
  const [row] = await latest(db, teamId)
  return row ? withVersion(row.settings, row.version) : UNSAVED_SETTINGS
}

/** Asked at each upload. */
const latest = prepared<{ version: number; settings: ImportSettingsBody }>(
  'current_settings',
  'select version, settings from import_settings where team_id = $1 order by version desc limit 1',
)

/** The settings as they were saved under `version`. */
export async function settingsOfVersion(db: Database, teamId: number, version: number): Promise<ImportSettings | null> {
  const row = await db
    .selectFrom('import_settings')
    .select('settings')
    .where('team_id', '=', teamId)
    .where('version', '=', version)
    .executeTakeFirst()
  return row ? withVersion(row.settings, version) : null
}

/** Saves an edit of version `readAt` as the next version; null when another was saved since. */
export async function saveSettings(
  db: Database,
  teamId: number,
  readAt: number,
  body: ImportSettingsBody,
  savedBy: string,
): Promise<ImportSettings | null> {
  const stored = withoutSecret(body)
  const { rows } = await sql<{ version: number }>`
    insert into import_settings (team_id, version, settings, saved_by)
    select ${teamId}, ${readAt + 1}, ${JSON.stringify(stored)}, ${savedBy}
    where (select coalesce(max(version), 0) from import_settings where team_id = ${teamId}) = ${readAt}
    on conflict do nothing
    returning version`.execute(db)
  const saved = rows[0]
  return saved ? withVersion(stored, saved.version) : null
}

/** The secret of the webhook is kept apart, sealed: no version of the settings holds it. */
function withoutSecret(body: ImportSettingsBody): ImportSettingsBody {
  return { ...body, webhook: body.webhook && { url: body.webhook.url } }
}

/** Settings added after the save get their defaults. */
function withVersion(body: ImportSettingsBody, version: number): ImportSettings {
  return { ...UNSAVED_SETTINGS, ...body, version }
}

/** The settings that hold now, of several teams. */
export async function settingsOfTeams(db: Database, teamIds: readonly number[]): Promise<Map<number, ImportSettings>> {
  const rows = await db
    .selectFrom('import_settings')
    .distinctOn('team_id')
    .select(['team_id', 'version', 'settings'])
    .where('team_id', '=', sql<number>`any(${[...teamIds]}::integer[])`)
    .orderBy('team_id')
    .orderBy('version', 'desc')
    .execute()
  const saved = new Map(rows.map((row) => [row.team_id, withVersion(row.settings, row.version)]))
  return new Map(teamIds.map((id) => [id, saved.get(id) ?? UNSAVED_SETTINGS]))
}

/** Who saved this version, and when. */
export async function versionSaved(
  db: Database,
  teamId: number,
  version: number,
): Promise<{ by: string; at: Date } | null> {
  const row = await db
    .selectFrom('import_settings')
    .select(['saved_by', 'saved_at'])
    .where('team_id', '=', teamId)
    .where('version', '=', version)
    .executeTakeFirst()
  return row ? { by: row.saved_by, at: row.saved_at } : null
}
