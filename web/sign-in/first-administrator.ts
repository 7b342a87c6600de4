import { randomBytes } from 'node:crypto'
import { giveFirstOwner, isClaimed } from '../../store/people/administrators.ts'
import type { Database } from '../../store/postgres/database.ts'
import { Passwords } from './passwords.ts'

/** An owner who has not signed in yet. */
export interface FirstAdministrator {
  email: string
  /** Generated: to be shown now, and kept nowhere. Null where the operator chose one. */
  password: string | null
}

/**
 * Until an owner has signed in, each start makes the first administrator or gives them a new password: the one of an earlier
 * start may never have been seen. A generated one must be changed at the first sign-in. Null once an owner has signed in.
 */
export async function ensureFirstAdministrator(
  db: Database,
  email: string,
  chosen: string | null,
): Promise<FirstAdministrator | null> {
  if (await isClaimed(db)) return null
  const password = chosen ?? randomBytes(16).toString('base64url')
  const passwordHash = await new Passwords().hash(password)
  const given = await giveFirstOwner(db, { email, passwordHash, mustChangePassword: chosen === null })
  return given === null ? null : { email: given, password: chosen === null ? password : null }
}
