import { Hono } from 'hono'
import { z } from 'zod'
import type { FileArea } from '../../files/file-area.ts'
import { teamFiles } from '../../ingest/choosing/team-files.ts'
import { importAnyway } from '../../ingest/decisions.ts'
import type { Importer } from '../../ingest/run-queue.ts'
import type { Outlooks } from '../../ingest/schedule/outlooks.ts'
import { upcomingWindows } from '../../ingest/schedule/upcoming-windows.ts'
import { testNotice } from '../../ingest/telling/notices.ts'
import { MAX_ADDRESSES, splitAddresses } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { queueNotice } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { sendSignal } from '../../store/postgres/signals.ts'
import { currentSettings } from '../../store/settings.ts'
import type { MailLimit } from '../http/limits/mail-limit.ts'
import { Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { filePath, jsonBody, queryOf } from '../http/requests.ts'
import { refuseUnmapped, startedAnswer } from '../runs/exports.ts'

export const namedFile = z.strictObject({
  path: filePath.describe('Path of the file to import, for example `/cadence/imports/StudentData.csv`.'),
})

interface TeamFileParts {
  db: Database
  importer: Importer
  outlooks: Outlooks
  fileAreaOf: (team: Team) => FileArea
  now: () => Date
  mailLimit: MailLimit
}
const MOST_FILES = 5_000

export const filesQuery = z.object({
  after: z.string().max(10_000).optional().describe('`next` of the previous page.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_FILES)
    .default(MOST_FILES)
    .describe('Items per page, 1 to 5000. Default 5000.'),
})

/** Files of a team, upcoming windows and the test e-mail. */
export function teamFileRoutes({ db, importer, outlooks, fileAreaOf, now, mailLimit }: TeamFileParts) {
  return new Hono<SignedInRequest>()
    .get('/api/teams/:team/files', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const wanted = queryOf(c, filesQuery)
      return c.json(await teamFiles({ db, outlooks, now: now() }, fileAreaOf(team), team, wanted))
    })
    .post('/api/teams/:team/files/import', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { path } = await jsonBody(c, namedFile)
      await refuseUnmapped(db, team.id)
      const decided = await importAnyway(db, importer, { team, files: fileAreaOf(team) }, path, c.var.actor.email)
      if (decided.ok)
        await auditRequest(db, c, { action: 'file.import', team, subject: path, details: { run: decided.runId } })
      return startedAnswer(c, decided)
    })
    .get('/api/teams/:team/windows', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const settings = await currentSettings(db, team.id)
      return c.json({ items: upcomingWindows(settings, team.timeZone, now()), next: null })
    })
    .post('/api/teams/:team/test-email', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const recipients = splitAddresses((await currentSettings(db, team.id)).notificationEmails)
      if (recipients.length === 0) throw new Refusal('invalid', 'The list of notification e-mails is empty.')
      // A list of an earlier version may be longer.
      if (recipients.length > MAX_ADDRESSES)
        throw new Refusal('invalid', `A test e-mail goes to at most ${MAX_ADDRESSES} addresses; shorten the list.`)
      mailLimit.list(c.var.actor.email, team.id)
      const content = testNotice(team, c.var.actor.email)
      await queueNotice(db, { teamId: team.id, kind: 'test', recipients, content })
      await auditRequest(db, c, { action: 'email.test', team })
      await sendSignal(db, { kind: 'mail_queued' })
      return c.json({ recipients }, 202)
    })
}
