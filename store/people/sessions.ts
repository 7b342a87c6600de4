import type { Database } from '../postgres/database.ts'
import { ADMINISTRATOR_COLUMNS, type Administrator, toAdministrator } from './administrators.ts'

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
      proven_at: now,
    })
    .execute()
}

export interface UsedSession {
  readonly administrator: Administrator
  /** When the password was last given. */
  readonly provenAt: Date
}

/**
 * Whose session it is; null when it is unknown, was idle for 30 minutes, or began 12 hours ago. A look is no use of it: a
 * request that lasts makes one, and so does an open page that polls, as its user may be away.
 */
export async function useSession(
  db: Database,
  tokenHash: Buffer,
  now: Date,
  purpose: 'use' | 'look',
): Promise<UsedSession | null> {
  const row = await db
    .selectFrom('session')
    .innerJoin('administrator', 'administrator.id', 'session.administrator_id')
    .select([...ADMINISTRATOR_COLUMNS, 'last_seen_at', 'proven_at'])
    .where('token_hash', '=', tokenHash)
    .where('last_seen_at', '>', before(now, IDLE_MS))
    .where('session.created_at', '>', before(now, ABSOLUTE_MS))
    .executeTakeFirst()
  if (!row) return null
  // To the minute is exact enough, and spares a write for each request.
  if (purpose === 'use' && row.last_seen_at < before(now, MINUTE_MS))
    await db.updateTable('session').set({ last_seen_at: now }).where('token_hash', '=', tokenHash).execute()
  return { administrator: toAdministrator(row), provenAt: row.proven_at }
}

/** The password was given again. */
export async function proveSession(db: Database, tokenHash: Buffer, now: Date): Promise<void> {
  await db.updateTable('session').set({ proven_at: now }).where('token_hash', '=', tokenHash).execute()
}

export async function endSession(db: Database, tokenHash: Buffer): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', tokenHash).execute()
}

/** An open session as its owner sees it. */
export interface OpenSession {
  id: string
  address: string | null
  userAgent: string | null
  createdAt: string
  lastSeenAt: string
  /** The one that asks. */
  current: boolean
}

/** The sessions of one person that have not ended, the last used first. */
export async function openSessions(
  db: Database,
  administratorId: string,
  current: Buffer | null,
  now: Date,
): Promise<OpenSession[]> {
  const rows = await db
    .selectFrom('session')
    .selectAll()
    .where('administrator_id', '=', administratorId)
    .where('last_seen_at', '>', before(now, IDLE_MS))
    .where('created_at', '>', before(now, ABSOLUTE_MS))
    .orderBy('last_seen_at', 'desc')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    current: current?.equals(row.token_hash) ?? false,
  }))
}

/** False when this person has no such session. */
export async function endSessionById(db: Database, administratorId: string, id: string): Promise<boolean> {
  const ended = await db
    .deleteFrom('session')
    .where('id', '=', id)
    .where('administrator_id', '=', administratorId)
    .executeTakeFirst()
  return ended.numDeletedRows > 0n
}

/** Ends every session of a person but `except`. */
export async function endSessionsOf(db: Database, administratorId: string, except: Buffer | null): Promise<void> {
  let sessions = db.deleteFrom('session').where('administrator_id', '=', administratorId)
  if (except) sessions = sessions.where('token_hash', '!=', except)
  await sessions.execute()
}

function before(now: Date, ms: number): Date {
  return new Date(now.getTime() - ms)
}
