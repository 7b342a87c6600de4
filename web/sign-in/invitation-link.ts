import { invite } from '../../store/people/people.ts'
import type { Database } from '../../store/postgres/database.ts'
import { newSecret, secretHash } from '../http/sessions/session-cookie.ts'

/** A link by which this person chooses a password, once; a former link of theirs ends. */
export async function invitationLink(db: Database, personId: string, expiresAt: Date, publicUrl: URL): Promise<string> {
  const token = newSecret()
  await invite(db, personId, secretHash(token), expiresAt)
  return new URL(`/invitation/${token}`, publicUrl).href
}
