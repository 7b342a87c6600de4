import { ADMINISTRATOR_COLUMNS, type Administrator, toAdministrator } from './administrators.ts'
import type { Database } from './database.ts'

const MINUTE_MS = 60_000
const IDLE_MS = 30 * MINUTE_MS
const ABSOLUTE_MS = 12 * 60 * MINUTE_MS

export interface NewSession {
  /** SHA-256 of what the cookie holds. */
  tokenHash: Buffer
  administratorId: string
  address: string
  userAgent: string | null
}

/** Opens a session, and forgets those that have ended by themselves. */
export async function createSession(db: Database, session: NewSession, now: Date): Promise<void> {
  await db
    .deleteFrom('session')
    .where((eb) =>
      eb.or([eb('last_seen_at', '<=', before(now, IDLE_MS)), eb('created_at', '<=', before(now, ABSOLUTE_MS))]),
    )
    .execute()
  await db
    .insertInto('session')
    .values({
      token_hash: session.tokenHash,
      administrator_id: session.administratorId,
      address: session.address,
      user_agent: session.userAgent,
      created_at: now,
      last_seen_at: now,
    })
    .execute()
}

/** Whose session it is; null when it is unknown, was idle for 30 minutes, or began 12 hours ago. */
export async function useSession(db: Database, tokenHash: Buffer, now: Date): Promise<Administrator | null> {
  const row = await db
    .selectFrom('session')
    .innerJoin('administrator', 'administrator.id', 'session.administrator_id')
    .select([...ADMINISTRATOR_COLUMNS, 'last_seen_at'])
    .where('token_hash', '=', tokenHash)
    .where('last_seen_at', '>', before(now, IDLE_MS))
    .where('session.created_at', '>', before(now, ABSOLUTE_MS))
    .executeTakeFirst()
  if (!row) return null
  // To the minute is exact enough, and spares a write for each request.
  if (row.last_seen_at < before(now, MINUTE_MS))
    await db.updateTable('session').set({ last_seen_at: now }).where('token_hash', '=', tokenHash).execute()
  return toAdministrator(row)
}

export async function endSession(db: Database, tokenHash: Buffer): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', tokenHash).execute()
}

function before(now: Date, ms: number): Date {
  return new Date(now.getTime() - ms)
}
