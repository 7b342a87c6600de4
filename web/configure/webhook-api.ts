import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { testBody } from '../../ingest/telling/webhook-events.ts'
import { signingKeys } from '../../ingest/telling/webhook-out.ts'
import { type SendWebhook, WebhookProblem } from '../../notify/webhook.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import type { MailLimit } from '../http/limits/mail-limit.ts'
import { Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'

export interface WebhookTest {
  delivered: boolean
  status: number | null
  ms: number | null
  text: string
}

interface WebhookParts {
  db: Database
  secret: Buffer
  sendWebhook: SendWebhook
  mailLimit: MailLimit
}

export function webhookRoutes({ db, secret, sendWebhook, mailLimit }: WebhookParts) {
  return new Hono<SignedInRequest>().post('/api/teams/:team/test-webhook', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const url = (await currentSettings(db, team.id)).webhook?.url
    const keys = await signingKeys(db, secret, team.id)
    if (!url || !keys) throw new Refusal('invalid', 'No webhook is saved for this team.')
    mailLimit.webhook(c.var.actor.email, team.id)
    await auditRequest(db, c, { action: 'webhook.test', team })
    const event = { id: `msg_${randomUUID()}`, url, body: testBody(team), keys }
    return c.json(await sendWebhook(event).then(answered, unanswered))
  })
}

function answered({ status, ms, text }: Awaited<ReturnType<SendWebhook>>): WebhookTest {
  return { delivered: status >= 200 && status <= 299, status, ms, text }
}

function unanswered(error: unknown): WebhookTest {
  if (!(error instanceof WebhookProblem)) throw error
  return { delivered: false, status: null, ms: null, text: error.message }
}
