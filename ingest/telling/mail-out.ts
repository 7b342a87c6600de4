import type { Log } from '../../log.ts'
import { type Delivery, type Message, MessageRefused, type Notifier } from '../../notify/notifier.ts'
import { claimMail, type MailRow, recordDelivery, recordFailure } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { MailRecipient } from '../../store/postgres/tables.ts'
import { OutboxWorkers } from './outbox-workers.ts'

export interface MailParts {
  db: Database
  log: Log
  notifier: Notifier
  /** Writes the recap of a batch from its current state, with the error file or only with the link to it. */
  recapOf: (batchId: string, attach: boolean) => Promise<MessageContent>
}

/** A message without recipients. */
export type MessageContent = Pick<Message, 'subject' | 'text' | 'html' | 'headers' | 'attachments'>

/** Messages at the same time: one slow address or server holds up no other. */
const AT_ONCE = 4

/** Sends the mails in the outbox. An unreachable mail server never delays an import; messages wait here. */
export class MailOut {
  readonly #parts: MailParts
  readonly #workers: OutboxWorkers<MailRow>

  constructor(parts: MailParts) {
    this.#parts = parts
    const { db, log } = parts
    this.#workers = new OutboxWorkers({
      ...{ log, atOnce: AT_ONCE },
      claim: () => claimMail(db),
      send: (mail) => this.#send(mail),
    })
  }

  open(): void {
    this.#workers.open()
  }

  /** There may be something to send. */
  look(): void {
    this.#workers.look()
  }

  /** Waits for the messages in progress. */
  async stop(): Promise<void> {
    await this.#workers.stop()
    this.#parts.notifier.close()
  }

  async #send(mail: MailRow): Promise<void> {
    const { db, log } = this.#parts
    try {
      const open = mail.recipients.filter((recipient) => recipient.state === 'queued')
      const delivery = await this.#deliver(
        mail,
        open.map((recipient) => recipient.address),
      )
      const refused = new Map(delivery.rejected.map((refusal) => [refusal.address, refusal]))
      await recordDelivery(
        db,
        mail,
        mail.recipients.map((recipient): MailRecipient => {
          if (recipient.state !== 'queued') return recipient
          const refusal = refused.get(recipient.address)
          if (!refusal) return { ...recipient, state: 'sent', reason: null }
          return { ...recipient, state: refusal.final ? 'failed' : 'queued', reason: refusal.reason }
        }),
      )
      log.info({ mail: mail.id, kind: mail.kind, refused: refused.size }, 'mail sent')
    } catch (error) {
      log.warn(
        { mail: mail.id, kind: mail.kind, attempt: mail.attempts, err: error },
        'mail not sent; trying again later',
      )
      await recordFailure(db, mail, (error as Error).message)
    }
  }

  /** A server that refuses the attachment, or the size that it makes, gets the message without it. */
  async #deliver(mail: MailRow, to: readonly string[]): Promise<Delivery> {
    const { notifier, log } = this.#parts
    const content = await this.#contentOf(mail, true)
    const whole = { messageId: mail.message_id, to }
    try {
      return await notifier.send({ ...content, ...whole })
    } catch (error) {
      if (!(error instanceof MessageRefused) || content.attachments.length === 0) throw error
      log.info({ mail: mail.id, reason: error.message }, 'mail refused with its attachment; sending it without')
      return notifier.send({ ...(await this.#contentOf(mail, false)), ...whole })
    }
  }

  async #contentOf(mail: MailRow, attach: boolean): Promise<MessageContent> {
    if (mail.batch_id) return this.#parts.recapOf(mail.batch_id, attach)
    if (!mail.content) throw new Error(`mail ${mail.id} has nothing to say`)
    return { ...mail.content, headers: {}, attachments: [] }
  }
}
