import { type Context, Hono } from 'hono'
import { removedNotice } from '../../ingest/telling/notices.ts'
import {
  type ImportSettings,
  type ImportSettingsBody,
  importSettings,
  splitAddresses,
} from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { JudgeWebhook } from '../../notify/webhook.ts'
import { queueNotice } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { sendSignal } from '../../store/postgres/signals.ts'
import { currentSettings, saveSettings } from '../../store/settings.ts'
import { auditDiff } from '../http/audit-diff.ts'
import type { MailLimit } from '../http/limits/mail-limit.ts'
import { Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody } from '../http/requests.ts'
import { saveWebhookSecret } from './webhook-secret.ts'

export interface SettingsParts {
  db: Database
  /** Creates folders in the root of a team, unless they exist. */
  prepareFolders: (team: Team, paths: readonly TeamPath[]) => Promise<void>
  mailLimit: MailLimit
  /** The key of the service, which seals the secrets of webhooks. */
  secret: Buffer
  judgeWebhook: JudgeWebhook
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
  await refuseForbiddenWebhook(parts, team, body)
  const done = await parts.db.transaction().execute(async (transaction) => {
    const before = await currentSettings(transaction, team.id)
    const saved = await saveSettings(transaction, team.id, readAt, body, c.var.actor.email)
    if (!saved) return { ok: false, settings: before }
    const isNewSecret = await saveWebhookSecret(transaction, parts.secret, team.id, body)
    await parts.prepareFolders(team, foldersOf(saved))
    await auditRequest(transaction, c, {
      action: 'import-settings.save',
      team,
      subject: `version ${saved.version}`,
      details: {
        ...auditDiff(before, saved),
        ...(isNewSecret && { 'webhook.secret': { from: null, to: '(replaced)' } }),
      },
    })
    await tellFormerRecipients(transaction, parts.mailLimit, team, [before, saved], c.var.actor.email)
    return { ok: true, settings: saved }
  })
  if (done.ok) await parts.scheduleChanged()
  return done
}

/** One that is stored keeps nobody from saving something else. */
async function refuseForbiddenWebhook(
  { db, judgeWebhook }: SettingsParts,
  team: Team,
  { webhook }: ImportSettingsBody,
): Promise<void> {
  if (!webhook || webhook.url === (await currentSettings(db, team.id)).webhook?.url) return
  const message = await judgeWebhook(webhook.url)
  if (message !== null) throw new Refusal('invalid', message, { faults: [{ path: 'webhook.url', message }] })
}

/** Counts as a mail that a person asks for: lists of strangers, entered and removed in a loop, would flood mailboxes. */
async function tellFormerRecipients(
  tx: Database,
  mailLimit: MailLimit,
  team: Team,
  [before, saved]: [ImportSettings, ImportSettings],
  by: string,
): Promise<void> {
  const kept = new Set(splitAddresses(saved.notificationEmails).map((address) => address.toLowerCase()))
  const recipients = splitAddresses(before.notificationEmails).filter((address) => !kept.has(address.toLowerCase()))
  if (recipients.length === 0) return
  mailLimit.list(by, team.id)
  await queueNotice(tx, { teamId: team.id, kind: 'removed', recipients, content: removedNotice(team, by) })
  await sendSignal(tx, { kind: 'mail_queued' })
}

function savedSince(current: ImportSettings, readAt: number): Refusal {
  return new Refusal(
    'conflict',
    `These settings were read at version ${readAt}, but version ${current.version} has been saved. Nothing was changed: read them again.`,
  )
}

function foldersOf({ file, results }: ImportSettings) {
  const archive = file.afterImport.action === 'move' ? [file.afterImport.path] : []
  return [file.path, ...archive, ...(results ? [results.path] : [])]
}
