import { unseal } from '../../files/sealed.ts'
import type { Log } from '../../log.ts'
import type { SendWebhook } from '../../notify/webhook.ts'
import { claimEvent, type MailRow, queueNotice, recordDelivery, recordFailure } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import { teamById } from '../../store/teams.ts'
import { whoMakesRoom } from '../../store/uploads/no-room.ts'
import { noteArrived, noteGivenUp, webhookSecrets } from '../../store/webhook-secrets.ts'
import { webhookGivenUpNotice } from './notices.ts'
import { OutboxWorkers } from './outbox-workers.ts'

export interface WebhookOutParts {
  db: Database
  log: Log
  /** The key of the service, which seals the secrets. */
  secret: Buffer
  send: SendWebhook
}

/** Teams at the same time, each with one event. */
const AT_ONCE = 32

/** Sends the events in the outbox, one at a time for each team: the receiver of one team holds up nobody else. */
export class WebhookOut {
  readonly #parts: WebhookOutParts
  readonly #workers: OutboxWorkers<MailRow>
  readonly #busy = new Set<number>()
  /** One claim at a time, so that two do not take events of one team. */
  #claiming: Promise<unknown> = Promise.resolve()

  constructor(parts: WebhookOutParts) {
    this.#parts = parts
    this.#workers = new OutboxWorkers({
      log: parts.log,
      atOnce: AT_ONCE,
      claim: () => this.#claim(),
      send: (event) => this.#send(event).finally(() => this.#busy.delete(event.team_id as number)),
    })
  }

  open(): void {
    this.#workers.open()
  }

  look(): void {
    this.#workers.look()
  }

  stop(): Promise<void> {
    return this.#workers.stop()
  }

  #claim(): Promise<MailRow | null> {
    const claimed = this.#claiming.then(async () => {
      const event = await claimEvent(this.#parts.db, [...this.#busy])
      if (event) this.#busy.add(event.team_id as number)
      return event
    })
    this.#claiming = claimed.catch(() => {})
    return claimed
  }

  async #send(event: MailRow): Promise<void> {
    const { db, log, secret, send } = this.#parts
    const teamId = event.team_id as number
    const about = { event: event.message_id, team: teamId, type: event.content?.subject, attempt: event.attempts }
    try {
      const url = (await currentSettings(db, teamId)).webhook?.url
      const keys = await signingKeys(db, secret, teamId)
      if (!url || !keys || !event.content) return await this.#end(event, 'failed', 'The webhook was removed.')
      const answer = await send({ id: event.message_id, url, body: event.content.text, keys })
      if (answer.status < 200 || answer.status > 299) throw new Error(`HTTP ${answer.status}`)
      await this.#end(event, 'sent', null)
      await noteArrived(db, teamId)
      log.info({ ...about, status: answer.status, ms: answer.ms }, 'event sent')
    } catch (error) {
      const reason = (error as Error).message
      log.warn({ ...about, reason }, 'event not sent; trying again later')
      if (await recordFailure(db, event, reason)) await this.#tellGivenUp(teamId, reason)
    }
  }

  async #end(event: MailRow, state: 'sent' | 'failed', reason: string | null): Promise<void> {
    const told = event.recipients.map(({ address }) => ({ address, state, reason }))
    await recordDelivery(this.#parts.db, event, told)
  }

  /** Once, until an event arrives again. */
  async #tellGivenUp(teamId: number, reason: string): Promise<void> {
    const { db } = this.#parts
    const team = await teamById(db, teamId)
    if (!team) return
    await db.transaction().execute(async (tx) => {
      if (!(await noteGivenUp(tx, teamId))) return
      const recipients = await whoMakesRoom(tx, teamId)
      await queueNotice(tx, { teamId, kind: 'webhook_failed', recipients, content: webhookGivenUpNotice(team, reason) })
    })
  }
}

/** The keys that sign for a team now; null where it has none. */
export async function signingKeys(db: Database, secret: Buffer, teamId: number): Promise<Buffer[] | null> {
  const sealed = await webhookSecrets(db, teamId)
  if (!sealed) return null
  const all = sealed.former ? [sealed.current, sealed.former] : [sealed.current]
  return all.map((one) => unseal(secret, 'webhook', String(teamId), one))
}
