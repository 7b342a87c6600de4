import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'
import { errorParts } from '../postgres/database-errors.ts'

/** Beside the locks of runs, and those on paths, whose first number is a team's. */
const PREFERENCE_LOCKS = -2

const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Locks a contact, and every other one with its number, until the transaction ends; from then on no import of the team ends
 * before it. It waits for one lock at a time and holds none meanwhile: an import locks contacts in the order of its file,
 * so one that held a contact and waited for the next could wait forever.
 */
export async function lockContactsOfNumber(tx: Database, teamId: number, contactId: string): Promise<void> {
  for (;;) {
    const ids = await withSameNumber(tx, teamId, contactId)
    await sql`savepoint locking`.execute(tx)
    if (await tryAll(tx, teamId, ids)) {
      const again = await withSameNumber(tx, teamId, contactId)
      const locked = new Set(ids)
      if (again.every((id) => locked.has(id))) {
        await sql`release savepoint locking`.execute(tx)
        return
      }
    }
    await sql`rollback to savepoint locking`.execute(tx)
    for (const id of ids) {
      await lockIn(tx, teamId, [id], sql``)
      await sql`rollback to savepoint locking`.execute(tx)
    }
    await sql`select pg_advisory_xact_lock_shared(${PREFERENCE_LOCKS}::integer, ${teamId}::integer)`.execute(tx)
    await sql`rollback to savepoint locking`.execute(tx)
  }
}

/**
 * Waits for the preferences that are being stated, and lets no other be stated until the transaction ends. Whatever gives
 * contacts numbers calls it before it looks for late opt-outs: one that was stated between that look and the end would not
 * see the new contacts, nor be seen.
 */
export async function shutOutPreferences(tx: Database, teamId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${PREFERENCE_LOCKS}::integer, ${teamId}::integer)`.execute(tx)
}

async function tryAll(tx: Database, teamId: number, ids: readonly string[]): Promise<boolean> {
  try {
    await lockIn(tx, teamId, ids, sql`nowait`)
  } catch (error) {
    if (errorParts(error).code === LOCK_NOT_AVAILABLE) return false
    throw error
  }
  const { rows } = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock_shared(${PREFERENCE_LOCKS}::integer, ${teamId}::integer) as free`.execute(tx)
  return rows[0]?.free ?? false
}

async function lockIn(
  tx: Database,
  teamId: number,
  ids: readonly string[],
  patience: ReturnType<typeof sql>,
): Promise<void> {
  await sql`select contact_id from contact where team_id = ${teamId} and contact_id = any(${ids}::text[])
    order by contact_id for no key update ${patience}`.execute(tx)
}

async function withSameNumber(tx: Database, teamId: number, contactId: string): Promise<string[]> {
  const { rows } = await sql<{ contact_id: string }>`
    select other.contact_id from contact said
      join contact other on other.team_id = said.team_id and other.mobile_number = said.mobile_number
    where said.team_id = ${teamId} and said.contact_id = ${contactId} order by 1`.execute(tx)
  return rows.map(({ contact_id }) => contact_id)
}
