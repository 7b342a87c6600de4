import type { Service } from '../../../start/service.ts'
import { createFtpAccount } from '../../../store/ftp-accounts.ts'
import { createSession } from '../../../store/people/sessions.ts'
import { teamBySlug } from '../../../store/teams.ts'
import { newSecret, secretHash } from '../../../web/http/sessions/session-cookie.ts'
import type { AbuserRights } from './abuser.ts'

/** An administrator and an FTP account of the team and of no other. `now` is the clock of the service. */
export async function abuserOf(
  { db, secret, addresses }: Pick<Service, 'db' | 'secret' | 'addresses'>,
  slug: string,
  now: Date,
): Promise<AbuserRights> {
  const team = await teamBySlug(db, slug)
  if (!team || !addresses.sftp) throw new Error(`there is no team ${slug}, or no SFTP`)
  const { id: administratorId } = await db
    .insertInto('administrator')
    .values({ email: `worst-of-${slug}@example.edu`, role: 'admin' } as never)
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('administrator_team').values({ administrator_id: administratorId, team_id: team.id }).execute()
  const token = newSecret()
  const localAddress = '127.0.0.9'
  const session = { tokenHash: secretHash(token), administratorId, address: localAddress, userAgent: null }
  await createSession(db, session, now)
  const created = await createFtpAccount(db, secret, team.id, { username: `worst-of-${slug}` })
  if (!created.ok) throw new Error('the account was not made')
  const account = { username: `worst-of-${slug}`, password: created.password }
  const { http, ftp, sftp } = addresses
  return { http, ftp, sftp, cookie: `rosterport=${token}`, team: slug, account, localAddress }
}
