import { sql } from 'kysely'
import type { Database } from './postgres/database.ts'

/** So long the secret before signs beside a new one: receivers change theirs in between. */
const FORMER_HOURS = 24

/** Both are sealed. */
export interface WebhookSecrets {
  current: Buffer
  former: Buffer | null
}

export async function webhookSecrets(db: Database, teamId: number): Promise<WebhookSecrets | null> {
  const row = await db
    .selectFrom('webhook_secret')
    .select('sealed')
    .select(sql<Buffer | null>`case when former_until > now() then former end`.as('former'))
    .where('team_id', '=', teamId)
    .executeTakeFirst()
  return row ? { current: row.sealed, former: row.former } : null
}

export async function setWebhookSecret(tx: Database, teamId: number, sealed: Buffer): Promise<void> {
  await sql`
    insert into webhook_secret as kept (team_id, sealed) values (${teamId}, ${sealed})
    on conflict (team_id) do update set sealed = excluded.sealed, former = kept.sealed,
      former_until = clock_timestamp() + make_interval(hours => ${FORMER_HOURS}), failure_told_at = null`.execute(tx)
}

export async function dropWebhookSecret(tx: Database, teamId: number): Promise<void> {
  await tx.deleteFrom('webhook_secret').where('team_id', '=', teamId).execute()
}

/** True the first time since an event arrived. */
export async function noteGivenUp(tx: Database, teamId: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('webhook_secret')
    .set({ failure_told_at: sql<Date>`clock_timestamp()` })
    .where('team_id', '=', teamId)
    .where('failure_told_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function noteArrived(db: Database, teamId: number): Promise<void> {
  await db
    .updateTable('webhook_secret')
    .set({ failure_told_at: null })
    .where('team_id', '=', teamId)
    .where('failure_told_at', 'is not', null)
    .execute()
}
