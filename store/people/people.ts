import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'
import { type Page, pageOf } from '../postgres/keyset-page.ts'

/** An administrator as owners see them. */
export interface Person {
  id: string
  email: string
  name: string
  role: 'owner' | 'admin'
  /** The slugs of the teams given to them; an owner sees all without. */
  teams: string[]
  /** `invited` until they have chosen a password. */
  state: 'invited' | 'active'
  secondFactor: 'off' | 'on'
  secondFactorRequired: boolean
  createdAt: string
  /** The last request of a session that is still kept. */
  lastSeenAt: string | null
}

export interface PersonChanges {
  name?: string | undefined
  role?: Person['role'] | undefined
  secondFactorRequired?: boolean | undefined
}

/** By e-mail address, from behind the address `after`. */
export async function listPeople(
  db: Database,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Page<Person>> {
  let query = people(db).orderBy(sql`lower(email) collate "C"`)
  if (after !== undefined) query = query.where(sql<boolean>`lower(email) collate "C" > lower(${after}) collate "C"`)
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.email, toPerson)
}

export async function findPerson(db: Database, id: string): Promise<Person | null> {
  const row = await people(db).where('id', '=', id).executeTakeFirst()
  return row ? toPerson(row) : null
}

/** E-mail addresses are compared without case. */
export async function personByEmail(db: Database, email: string): Promise<Person | null> {
  const row = await people(db).where(sql<boolean>`lower(email) = lower(${email})`).executeTakeFirst()
  return row ? toPerson(row) : null
}

export async function ownerEmails(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('administrator')
    .select('email')
    .where('role', '=', 'owner')
    .orderBy('email')
    .execute()
  return rows.map(({ email }) => email)
}

/** Answers the id; null when the e-mail address is taken. */
export async function createPerson(
  db: Database,
  person: { email: string; name: string; role: Person['role']; teamIds: readonly number[] },
): Promise<string | null> {
  const { email, name, role, teamIds } = person
  const row = await db
    .insertInto('administrator')
    .values({ email, name, role, password_hash: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) return null
  await giveTeams(db, row.id, teamIds)
  return row.id
}

export async function updatePerson(db: Database, id: string, changes: PersonChanges): Promise<void> {
  const { name, role, secondFactorRequired } = changes
  const set = {
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...(secondFactorRequired !== undefined && { second_factor_required: secondFactorRequired }),
  }
  if (Object.keys(set).length > 0) await db.updateTable('administrator').set(set).where('id', '=', id).execute()
}

/** Replaces the teams that were given to them. */
export async function giveTeams(db: Database, id: string, teamIds: readonly number[]): Promise<void> {
  await db.deleteFrom('administrator_team').where('administrator_id', '=', id).execute()
  if (teamIds.length === 0) return
  await db
    .insertInto('administrator_team')
    .values(teamIds.map((team_id) => ({ administrator_id: id, team_id })))
    .execute()
}

/** With their sessions and tokens. */
export async function removePerson(db: Database, id: string): Promise<void> {
  await db.deleteFrom('administrator').where('id', '=', id).execute()
}

/** Another person than `id` can still sign in as an owner; holds the owners until the transaction ends. */
export async function isOtherOwner(tx: Database, id: string): Promise<boolean> {
  const owners = await tx
    .selectFrom('administrator')
    .select('id')
    .where('role', '=', 'owner')
    .where('password_hash', 'is not', null)
    .forUpdate()
    .execute()
  return owners.some((owner) => owner.id !== id)
}

/** A password that the person chose. A link that was made before could set another, so it ends. */
export async function setPassword(db: Database, id: string, passwordHash: string): Promise<void> {
  const claimed_at = sql<Date>`coalesce(claimed_at, clock_timestamp())`
  await db
    .updateTable('administrator')
    .set({ password_hash: passwordHash, must_change_password: false, claimed_at })
    .where('id', '=', id)
    .execute()
  await db.deleteFrom('invitation').where('administrator_id', '=', id).execute()
}

/** The holder of the link whose token has this hash may choose the password of this person; earlier links stop working. */
export async function invite(db: Database, administratorId: string, tokenHash: Buffer, expiresAt: Date): Promise<void> {
  const link = { token_hash: tokenHash, expires_at: expiresAt }
  await db
    .insertInto('invitation')
    .values({ administrator_id: administratorId, ...link })
    .onConflict((conflict) => conflict.column('administrator_id').doUpdateSet(link))
    .execute()
}

/** Whom a link was made for; null when it is unknown, used or expired. */
export async function invitedPerson(db: Database, tokenHash: Buffer, now: Date): Promise<Person | null> {
  const row = await people(db)
    .where('id', '=', (eb) =>
      eb
        .selectFrom('invitation')
        .select('administrator_id')
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', now),
    )
    .executeTakeFirst()
  return row ? toPerson(row) : null
}

/** False when the link was used in the meantime. */
export async function useInvitation(db: Database, tokenHash: Buffer): Promise<boolean> {
  const used = await db.deleteFrom('invitation').where('token_hash', '=', tokenHash).executeTakeFirst()
  return used.numDeletedRows > 0n
}

function people(db: Database) {
  return db
    .selectFrom('administrator')
    .selectAll()
    .select([
      sql<string[]>`array(select team.team from administrator_team join team on team.id = team_id
        where administrator_id = administrator.id order by team.team)`.as('teams'),
      sql<Date | null>`(select max(last_seen_at) from session where administrator_id = administrator.id)`.as(
        'last_seen_at',
      ),
    ])
}

function toPerson(row: Awaited<ReturnType<ReturnType<typeof people>['executeTakeFirstOrThrow']>>): Person {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    teams: row.teams,
    state: row.password_hash === null ? 'invited' : 'active',
    secondFactor: row.totp_on ? 'on' : 'off',
    secondFactorRequired: row.second_factor_required,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
  }
}
