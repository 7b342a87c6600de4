import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Database } from './postgres/database.ts'
import { sendSignal } from './postgres/signals.ts'
import type { MailRecipient, MailTable } from './postgres/tables.ts'

export type MailRow = Selectable<MailTable>

/** Tries stop after this long; the message is then marked failed and shown. */
const GIVE_UP_HOURS = 72
const FIRST_RETRY_SECONDS = 60
const LONGEST_RETRY_SECONDS = 6 * 3600

/** How long a message is left to the process that began to send it; it may have died. */
const SENDING_SECONDS = 300

/**
 * Queues the recap of a batch, in the transaction that ends the batch. It waits until the file has been moved or deleted
 * (`releaseRecap`), since it says where the file is.
 */
export async function queueRecap(
  tx: Database,
  recap: { teamId: number; batchId: string; recipients: readonly string[]; waitForFile: boolean },
): Promise<void> {
  if (recap.recipients.length === 0) return
  await tx
    .insertInto('mail')
    .values({
      team_id: recap.teamId,
      batch_id: recap.batchId,
      kind: 'recap',
      message_id: `<${recap.batchId}.recap@rosterport>`,
      recipients: JSON.stringify(recap.recipients.map(queued)),
      state: recap.waitForFile ? 'waiting' : 'queued',
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function releaseRecap(db: Database, batchId: string): Promise<void> {
  await db
    .updateTable('mail')
    .set({ state: 'queued', next_attempt_at: sql<Date>`clock_timestamp()` })
    .where('batch_id', '=', batchId)
    .where('state', '=', 'waiting')
    .execute()
}

/** Queues a message whose text is complete. */
export async function queueNotice(
  db: Database,
  notice: {
    teamId: number | null
    kind: Exclude<MailTable['kind'], 'recap' | 'webhook'>
    recipients: readonly string[]
    content: { subject: string; text: string; html: string }
  },
): Promise<void> {
  if (notice.recipients.length === 0) return
  await db
    .insertInto('mail')
    .values({
      team_id: notice.teamId,
      kind: notice.kind,
      message_id: `<${randomUUID()}@rosterport>`,
      recipients: JSON.stringify(notice.recipients.map(queued)),
      content: JSON.stringify(notice.content),
      state: 'queued',
    })
    .execute()
}

/** Queues an event for the webhook of a team, with the transaction in which it happens. Its text is the same on every try. */
export async function queueEvent(tx: Database, teamId: number, url: string, type: string, body: string): Promise<void> {
  await tx
    .insertInto('mail')
    .values({
      team_id: teamId,
      kind: 'webhook',
      message_id: `msg_${randomUUID()}`,
      recipients: JSON.stringify([queued(url)]),
      content: JSON.stringify({ subject: type, text: body, html: '' }),
      state: 'queued',
    })
    .execute()
  await sendSignal(tx, { kind: 'mail_queued' })
}

function queued(address: string): MailRecipient {
  return { address, state: 'queued', reason: null }
}

export async function recapOf(db: Database, batchId: string): Promise<MailRow | null> {
  const row = await db
    .selectFrom('mail')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where('kind', '=', 'recap')
    .executeTakeFirst()
  return row ?? null
}

/** Sends the recap of a batch again, to all its recipients, as a separate message. False where there is none. */
export async function repeatRecap(db: Database, batchId: string): Promise<boolean> {
  const mail = await db
    .selectFrom('mail')
    .select(['id', 'recipients'])
    .where('batch_id', '=', batchId)
    .where('kind', '=', 'recap')
    .where('state', 'in', ['sent', 'failed', 'queued'])
    .executeTakeFirst()
  if (!mail) return false
  await db
    .updateTable('mail')
    .set({
      state: 'queued',
      attempts: 0,
      next_attempt_at: sql<Date>`clock_timestamp()`,
      created_at: sql<Date>`clock_timestamp()`,
      last_error: null,
      sent_at: null,
      recipients: JSON.stringify(mail.recipients.map(({ address }) => queued(address))),
      // With the old one a receiver would take it for the message that it has already.
      message_id: `<${batchId}.${randomUUID().slice(0, 8)}.recap@rosterport>`,
    })
    .where('id', '=', mail.id)
    .execute()
  return true
}

/** Takes a mail that is due; no other process gets it for a while. Its attempt counts from here, also if we die. */
export function claimMail(db: Database): Promise<MailRow | null> {
  return claim(db, sql`kind <> 'webhook'`)
}

/** As `claimMail`, an event for the webhook of a team that is not `busy` with another. */
export function claimEvent(db: Database, busy: readonly number[]): Promise<MailRow | null> {
  return claim(db, sql`kind = 'webhook' and team_id <> all (${[...busy]}::integer[])`)
}

async function claim(db: Database, which: RawBuilder<SqlBool>): Promise<MailRow | null> {
  const claimed = await db
    .updateTable('mail')
    .set({
      attempts: sql`attempts + 1`,
      next_attempt_at: sql<Date>`clock_timestamp() + make_interval(secs => ${SENDING_SECONDS})`,
    })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('mail')
        .select('mail.id')
        .where('state', '=', 'queued')
        .where('next_attempt_at', '<=', sql<Date>`now()`)
        .where(which)
        .orderBy('next_attempt_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst()
  return claimed ?? null
}

/** Records the mail server's reply for each address; those still queued are tried again for three days. */
export async function recordDelivery(db: Database, mail: MailRow, told: readonly MailRecipient[]): Promise<void> {
  const tooOld = mail.created_at.getTime() < Date.now() - GIVE_UP_HOURS * 3_600_000
  const recipients = told.map((recipient) =>
    tooOld && recipient.state === 'queued' ? { ...recipient, state: 'failed' as const } : recipient,
  )
  const open = recipients.some((recipient) => recipient.state === 'queued')
  const reached = recipients.some((recipient) => recipient.state === 'sent')
  await db
    .updateTable('mail')
    .set({
      recipients: JSON.stringify(recipients),
      state: open ? 'queued' : reached ? 'sent' : 'failed',
      last_error: recipients.find((recipient) => recipient.state === 'failed')?.reason ?? null,
      failed_at: null,
      sent_at: open || !reached ? null : sql<Date>`clock_timestamp()`,
      ...(open && { next_attempt_at: nextAttempt(mail.attempts) }),
      // Its link opens an account.
      ...(!open && mail.kind === 'invitation' && { content: null }),
    })
    .where('id', '=', mail.id)
    .execute()
}

/** No recipient could be reached: tried again after a minute, then after twice as long each time, for three days. True if it is given up. */
export async function recordFailure(db: Database, mail: MailRow, reason: string): Promise<boolean> {
  const recorded = await db
    .updateTable('mail')
    .set({
      last_error: reason,
      failed_at: sql<Date>`clock_timestamp()`,
      next_attempt_at: nextAttempt(mail.attempts),
      state: sql`case when created_at < now() - make_interval(hours => ${GIVE_UP_HOURS}) then 'failed' else state end`,
    })
    .where('id', '=', mail.id)
    .returning('state')
    .executeTakeFirst()
  return recorded?.state === 'failed'
}

function nextAttempt(attempts: number) {
  const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS)
  return sql<Date>`clock_timestamp() + make_interval(secs => ${seconds})`
}

/** The error of the last try of a waiting message; null where one has been sent since, or none waits. */
export async function mailTrouble(db: Database): Promise<string | null> {
  const waiting = await db
    .selectFrom('mail')
    .select(['last_error', 'failed_at'])
    .where('state', '=', 'queued')
    .where('kind', '<>', 'webhook')
    .where('failed_at', 'is not', null)
    .orderBy('failed_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!waiting) return null
  const since = await db
    .selectFrom('mail')
    .select('id')
    .where('sent_at', '>', waiting.failed_at)
    .where('kind', '<>', 'webhook')
    .limit(1)
    .executeTakeFirst()
  return since ? null : waiting.last_error
}

const OVERDUE_MINUTES = 15

/** A message is overdue for so long that no process can be sending. A mail server that is away does not make it so. */
export async function isMailStuck(db: Database): Promise<boolean> {
  const stuck = await db
    .selectFrom('mail')
    .select('id')
    .where('state', '=', 'queued')
    .where('kind', '<>', 'webhook')
    .where('next_attempt_at', '<', sql<Date>`now() - make_interval(mins => ${OVERDUE_MINUTES})`)
    .limit(1)
    .executeTakeFirst()
  return stuck !== undefined
}
