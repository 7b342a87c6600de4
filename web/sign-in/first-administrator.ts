import { randomBytes } from 'node:crypto'
import { createFirstAdministrator, hasAdministrator } from '../../store/people/administrators.ts'
import type { Database } from '../../store/postgres/database.ts'
import { Passwords } from './passwords.ts'

/**
 * Makes the first administrator, an owner, when there is none at all. Answers the password that was generated because
 * none was given: it is to be shown once and is kept nowhere. Null when there is nothing to show.
 */
export async function ensureFirstAdministrator(
  db: Database,
  email: string,
  password: string | null,
): Promise<string | null> {
  if (await hasAdministrator(db)) return null
  const chosen = password ?? randomBytes(16).toString('base64url')
  const made = await createFirstAdministrator(db, email, await new Passwords().hash(chosen))
  return made && password === null ? chosen : null
}
