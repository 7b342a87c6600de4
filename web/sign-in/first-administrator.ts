import { randomBytes } from 'node:crypto'
import { createFirstAdministrator, hasAdministrator } from '../../store/people/administrators.ts'
import type { Database } from '../../store/postgres/database.ts'
import { Passwords } from './passwords.ts'

/**
 * Creates the first administrator, an owner, if there is none. Answers the generated password, which is stored nowhere, so
 * that it can be shown once; null if a password was given or an administrator exists.
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
