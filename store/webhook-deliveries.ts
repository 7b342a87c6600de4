import { sql } from 'kysely'
import type { Database } from './postgres/database.ts'

/** How the events of a team fare. */
export interface WebhookDeliveries {
  waiting: number
  lastSentAt: Date | null
  /** Why the last event that failed did, while it waits for its next try. */
  trouble: { reason: string; nextTryAt: Date } | null
  /** Events that were given up since one arrived last. */
  givenUp: number
}

export async function webhookDeliveries(db: Database, teamId: number): Promise<WebhookDeliveries> {
  const { rows } = await sql<{ waiting: number; sent_at: Date | null; given_up: number }>`
    with events as (select state, sent_at, created_at from mail where team_id = ${teamId} and kind = 'webhook')
    select count(*) filter (where state = 'queued')::integer as waiting, max(sent_at) as sent_at,
      count(*) filter (where state = 'failed'
        and created_at > coalesce((select max(sent_at) from events), '-infinity'))::integer as given_up
    from events`.execute(db)
  const failed = await db
    .selectFrom('mail')
    .select(['last_error', 'next_attempt_at'])
    .where('team_id', '=', teamId)
    .where('kind', '=', 'webhook')
    .where('state', '=', 'queued')
    .where('failed_at', 'is not', null)
    .orderBy('failed_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    waiting: rows[0]?.waiting ?? 0,
    lastSentAt: rows[0]?.sent_at ?? null,
    trouble: failed?.last_error ? { reason: failed.last_error, nextTryAt: failed.next_attempt_at } : null,
    givenUp: rows[0]?.given_up ?? 0,
  }
}
