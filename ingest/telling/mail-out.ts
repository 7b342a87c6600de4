import type { Log } from '../../log.ts'
import { type Delivery, type Message, MessageRefused, type Notifier } from '../../notify/notifier.ts'
import { claimMail, type MailRow, recordDelivery, recordFailure } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { MailRecipient } from '../../store/postgres/tables.ts'

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

/** How often the outbox is checked for messages due for a retry. */
const LOOK_MS = 15_000

/** Sends what is in the outbox. An unreachable mail server never delays an import; messages wait here. */
export class MailOut {
  readonly #parts: MailParts
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(parts: MailParts) {
    this.#parts = parts
  }

  open(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS)
    this.look()
  }

  /** There may be something to send. */
  look(): void {
    if (this.#stopped) return
    if (this.#sending) {
      this.#again = true
      return
    }
    this.#again = false
    this.#sending = this.#sendAll()
      .catch((error) => this.#parts.log.warn({ err: error }, 'looking for mail failed; trying again'))
      .finally(() => {
        this.#sending = null
        if (this.#again) this.look()
      })
  }

  /** Waits for the message in progress. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#sending
    this.#parts.notifier.close()
  }

  async #sendAll(): Promise<void> {
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#sendInTurn()))
  }

  async #sendInTurn(): Promise<void> {
    while (!this.#stopped) {
      const mail = await claimMail(this.#parts.db)
      if (!mail) return
      await this.#send(mail)
    }
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
