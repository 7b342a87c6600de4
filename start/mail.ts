import { join } from 'node:path'
import type { Config } from '../config.ts'
import { MailOut } from '../ingest/telling/mail-out.ts'
import { recapMailOf, recapMessage } from '../ingest/telling/recap-message.ts'
import { WebhookOut } from '../ingest/telling/webhook-out.ts'
import type { Log } from '../log.ts'
import { addressMatcher } from '../model/network.ts'
import { mailTroubleWords } from '../notify/mail-trouble.ts'
import { folderNotifier, renderMessage, smtpNotifier } from '../notify/nodemailer-notifier.ts'
import type { Notifier } from '../notify/notifier.ts'
import { type JudgeWebhook, type SendWebhook, webhookJudge, webhookSender } from '../notify/webhook.ts'
import { isMailStuck, mailTrouble } from '../store/outbox.ts'
import type { Database } from '../store/postgres/database.ts'
import type { Signals } from '../store/postgres/signals.ts'
import { Degraded } from '../web/ui/server-health.ts'
import { remembered } from './probes.ts'
import { publicUrlOf } from './public-names.ts'
import type { Stop } from './stops.ts'

export interface Mail {
  /** The folder that mails are written to; null where a mail server takes them. */
  readonly outbox: string | null
  /** Call when there may be mail to send. */
  readonly mailQueued: () => void
  /** Sends to the webhook of a team at once. */
  readonly sendWebhook: SendWebhook
  readonly judgeWebhook: JudgeWebhook
  /** The recap of a batch as a mail, byte for byte. */
  recapMail(batchId: string): Promise<Buffer>
  /** Rejects with `Degraded` where mail cannot be sent. */
  check(): Promise<void>
}

/** Sends the mails and events in the outbox, then each new one. */
export function openMail(
  parts: { config: Config; log: Log; now: () => Date; db: Database; signals: Signals; secret: Buffer },
  stops: Stop[],
): Mail {
  const { config, log, now, db, signals } = parts
  const { SMTP_URL, MAIL_FROM } = config
  const outbox = join(config.DATA_DIR, 'outbox')
  const notifier = SMTP_URL ? smtpNotifier(SMTP_URL, MAIL_FROM) : folderNotifier(outbox, MAIL_FROM)
  const publicUrl = publicUrlOf(config)
  const recapOf = (batchId: string, attach = true) => recapMessage(db, batchId, publicUrl, { now: now(), attach })
  const mailOut = new MailOut({ db, log, notifier, recapOf })
  const isAllowed = addressMatcher(config.WEBHOOK_ALLOW_NETWORKS)
  const sendWebhook = webhookSender({ isAllowed, now: () => new Date() })
  const webhookOut = new WebhookOut({ db, log, secret: parts.secret, send: sendWebhook })
  mailOut.open()
  webhookOut.open()
  const look = () => {
    mailOut.look()
    webhookOut.look()
  }
  signals.subscribe(({ kind }) => {
    if (kind === 'mail_queued' || kind === 'reconnected') look()
  })
  stops.push(() => mailOut.stop())
  stops.push(() => webhookOut.stop())
  return {
    outbox: SMTP_URL ? null : outbox,
    mailQueued: look,
    sendWebhook,
    judgeWebhook: webhookJudge({ isAllowed }),
    recapMail: async (batchId) => renderMessage(await recapMailOf(db, batchId, await recapOf(batchId)), MAIL_FROM),
    check: mailCheck(db, notifier),
  }
}

function mailCheck(db: Database, notifier: Notifier): () => Promise<void> {
  const askMailServer = remembered(() => notifier.check())
  return async () => {
    if (await isMailStuck(db)) throw new Degraded('mail is due and nobody sends it')
    const trouble = await mailTrouble(db)
    if (trouble !== null) throw new Degraded(`mail waits: ${mailTroubleWords(trouble)}`)
    await askMailServer().catch((error: Error) => {
      throw new Degraded(mailTroubleWords(error.message))
    })
  }
}
