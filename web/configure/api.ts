import { type Context, Hono } from 'hono'
import { type ImportSettings, type ImportSettingsBody, importSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings, saveSettings } from '../../store/settings.ts'
import { auditDiff } from '../http/audit-diff.ts'
import { Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody } from '../http/requests.ts'

export interface SettingsParts {
  db: Database
  /** Creates folders in the root of a team, unless they exist. */
  prepareFolders: (team: Team, paths: readonly TeamPath[]) => Promise<void>
  /** Called when a window may have been switched on or off. */
  scheduleChanged: () => Promise<void>
}

export function importSettingsRoutes(parts: SettingsParts) {
  const { db } = parts
  return new Hono<SignedInRequest>()
    .get('/api/teams/:team/import-settings', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      return c.json(await currentSettings(db, team.id))
    })
    .put('/api/teams/:team/import-settings', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { version, ...body } = await jsonBody(c, importSettings)
      const done = await saveImportSettings(c, parts, team, version, body)
      if (!done.ok) throw savedSince(done.settings, version)
      return c.json(done.settings)
    })
}

/**
 * Saves settings that were read at version `readAt`, with their folders and an audit entry. If another person saved in the
 * meantime, nothing is saved and the current settings are returned.
 */
export async function saveImportSettings(
  c: Context<SignedInRequest>,
  parts: SettingsParts,
  team: Team,
  readAt: number,
  body: ImportSettingsBody,
): Promise<{ ok: boolean; settings: ImportSettings }> {
  const done = await parts.db.transaction().execute(async (transaction) => {
    const before = await currentSettings(transaction, team.id)
    const saved = await saveSettings(transaction, team.id, readAt, body, c.var.actor.email)
    if (!saved) return { ok: false, settings: before }
    await parts.prepareFolders(team, foldersOf(saved))
    await auditRequest(transaction, c, {
      action: 'import-settings.save',
      team,
      subject: `version ${saved.version}`,
      details: auditDiff(before, saved),
    })
    return { ok: true, settings: saved }
  })
  if (done.ok) await parts.scheduleChanged()
  return done
}

function savedSince(current: ImportSettings, readAt: number): Refusal {
  return new Refusal(
    'conflict',
    `These settings were read at version ${readAt}, but version ${current.version} has been saved. Nothing was changed: read them again.`,
  )
}

function foldersOf({ file }: ImportSettings) {
  return file.afterImport.action === 'move' ? [file.path, file.afterImport.path] : [file.path]
}
