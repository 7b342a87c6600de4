import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../postgres/database.ts'
import type { TeamIds } from '../teams.ts'

/** An owner sees every team, an admin those given to them. */
export interface Administrator {
  readonly id: string
  readonly email: string
  readonly role: 'owner' | 'admin'
  readonly teams: TeamIds
  /** Their password was printed at a start: they choose another before they do anything else. */
  readonly mustChangePassword: boolean
  /** They must have a second factor and have none yet. */
  readonly secondFactorMissing: boolean
}

/** The columns that `toAdministrator` reads, for queries that join `administrator`. */
export const ADMINISTRATOR_COLUMNS = [
  'administrator.id as administrator_id',
  'administrator.email',
  'administrator.role',
  'administrator.must_change_password',
  sql<number[]>`array(select team_id from administrator_team where administrator_id = administrator.id)`.as('team_ids'),
  sql<boolean>`not totp_on and (second_factor_required or (select second_factor = 'required' from installation))`.as(
    'second_factor_missing',
  ),
] as const

interface AdministratorColumns {
  administrator_id: string
  email: string
  role: 'owner' | 'admin'
  must_change_password: boolean
  team_ids: number[]
  second_factor_missing: boolean
}

export function toAdministrator(row: AdministratorColumns): Administrator {
  return {
    id: row.administrator_id,
    email: row.email,
    role: row.role,
    teams: row.role === 'owner' ? 'all' : row.team_ids,
    mustChangePassword: row.must_change_password,
    secondFactorMissing: row.second_factor_missing,
  }
}

/** Credentials that a sign-in is checked against. */
export interface KnownAdministrator {
  readonly administrator: Administrator
  /** Null for one who has not chosen a password yet. */
  readonly passwordHash: string | null
  /** Sealed; null where no second factor is on. */
  readonly totpSecret: Buffer | null
}

/** E-mail addresses are compared without case. */
export function administratorByEmail(db: Database, email: string): Promise<KnownAdministrator | null> {
  return known(db, sql<boolean>`lower(email) = lower(${email})`)
}

export function administratorById(db: Database, id: string): Promise<KnownAdministrator | null> {
  return known(db, sql<boolean>`administrator.id = ${id}`)
}

async function known(db: Database, condition: RawBuilder<boolean>): Promise<KnownAdministrator | null> {
  const row = await db
    .selectFrom('administrator')
    .select([...ADMINISTRATOR_COLUMNS, 'password_hash', 'totp_on', 'totp_secret'])
    .where(condition)
    .executeTakeFirst()
  if (!row) return null
  return {
    administrator: toAdministrator(row),
    passwordHash: row.password_hash,
    totpSecret: row.totp_on ? row.totp_secret : null,
  }
}

/** An owner has signed in, or chosen a password by a link. */
export async function isClaimed(db: Database): Promise<boolean> {
  const owner = await db
    .selectFrom('administrator')
    .select('id')
    .where('role', '=', 'owner')
    .where('claimed_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return owner !== undefined
}

export interface FirstOwner {
  email: string
  passwordHash: string
  mustChangePassword: boolean
}

/**
 * Makes the first owner, or gives the unclaimed one this address and password. Answers the address, which
 * stays unchanged if another person has it; null when an owner is claimed, also one who signs in at this very moment.
 */
export async function giveFirstOwner(db: Database, first: FirstOwner): Promise<string | null> {
  const password = { password_hash: first.passwordHash, must_change_password: first.mustChangePassword }
  return db.transaction().execute(async (tx) => {
    await sql`lock table administrator in share row exclusive mode`.execute(tx)
    if (await isClaimed(tx)) return null
    const owner = await tx
      .selectFrom('administrator')
      .select(['id', 'email'])
      .where('role', '=', 'owner')
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst()
    if (!owner) {
      await tx
        .insertInto('administrator')
        .values({ email: first.email, role: 'owner', ...password })
        .execute()
      return first.email
    }
    const holder = await administratorByEmail(tx, first.email)
    const email = holder && holder.administrator.id !== owner.id ? owner.email : first.email
    await tx
      .updateTable('administrator')
      .set({ email, ...password })
      .where('id', '=', owner.id)
      .execute()
    return email
  })
}

/** The person signs in by the password of this hash; false when it was replaced meanwhile. */
export async function claim(tx: Database, id: string, passwordHash: string): Promise<boolean> {
  const claimed = await tx
    .updateTable('administrator')
    .set({ claimed_at: sql<Date>`coalesce(claimed_at, clock_timestamp())` })
    .where('id', '=', id)
    .where('password_hash', '=', passwordHash)
    .executeTakeFirst()
  return claimed.numUpdatedRows > 0n
}

/** The owner who has been there longest; there is one as soon as the service has started. */
export async function firstOwner(db: Database): Promise<Administrator> {
  const row = await db
    .selectFrom('administrator')
    .select([...ADMINISTRATOR_COLUMNS])
    .where('role', '=', 'owner')
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirstOrThrow()
  return toAdministrator(row)
}
