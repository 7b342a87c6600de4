import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../postgres/database.ts'
import type { TeamIds } from '../teams.ts'

/** An owner sees every team, an admin those given to them. */
export interface Administrator {
  readonly id: string
  readonly email: string
  readonly role: 'owner' | 'admin'
  readonly teams: TeamIds
  /** They must have a second factor and have none yet. */
  readonly secondFactorMissing: boolean
}

/** The columns that `toAdministrator` reads, for queries that join `administrator`. */
export const ADMINISTRATOR_COLUMNS = [
  'administrator.id as administrator_id',
  'administrator.email',
  'administrator.role',
  sql<number[]>`array(select team_id from administrator_team where administrator_id = administrator.id)`.as('team_ids'),
  sql<boolean>`not totp_on and (second_factor_required or (select second_factor = 'required' from installation))`.as(
    'second_factor_missing',
  ),
] as const

interface AdministratorColumns {
  administrator_id: string
  email: string
  role: 'owner' | 'admin'
  team_ids: number[]
  second_factor_missing: boolean
}

export function toAdministrator(row: AdministratorColumns): Administrator {
  return {
    id: row.administrator_id,
    email: row.email,
    role: row.role,
    teams: row.role === 'owner' ? 'all' : row.team_ids,
    secondFactorMissing: row.second_factor_missing,
  }
}

/** What someone who signs in is held against. */
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

export async function hasAdministrator(db: Database): Promise<boolean> {
  return (await db.selectFrom('administrator').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** Makes the first administrator, an owner; false when there is one already, also one made at this very moment. */
export async function createFirstAdministrator(db: Database, email: string, passwordHash: string): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    await sql`lock table administrator in share row exclusive mode`.execute(transaction)
    if (await hasAdministrator(transaction)) return false
    await transaction
      .insertInto('administrator')
      .values({ email, role: 'owner', password_hash: passwordHash })
      .execute()
    return true
  })
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
