import { type Context, Hono } from 'hono'
import { type ImportSettings, type ImportSettingsBody, importSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings, saveSettings } from '../../store/settings.ts'
import { changesBetween } from '../http/audit-diff.ts'
import { Refusal } from '../http/errors.ts'
import { auditRequest, type Signed } from '../http/request-context.ts'
import { jsonBody } from '../http/requests.ts'
import type { PrepareFolders } from '../teams/api.ts'

/** `scheduleChanged` is told when windows may have been switched. */
export function importSettingsRoutes(
  db: Database,
  prepareFolders: PrepareFolders,
  scheduleChanged: () => Promise<void>,
) {
  return new Hono<Signed>()
    .get('/api/teams/:team/import-settings', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      return c.json(await currentSettings(db, team.id))
    })
    .put('/api/teams/:team/import-settings', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { version, ...body } = await jsonBody(c, importSettings)
      const done = await saveImportSettings(c, { db, prepareFolders, scheduleChanged }, team, version, body)
      if (!done.ok) throw savedSince(done.settings, version)
      return c.json(done.settings)
    })
}

/**
 * Saves what was read at version `readAt`, with its folders and its line in the audit; answers the settings that hold
 * where another person saved since.
 */
export async function saveImportSettings(
  c: Context<Signed>,
  parts: { db: Database; prepareFolders: PrepareFolders; scheduleChanged: () => Promise<void> },
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
      details: changesBetween(before, saved),
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
