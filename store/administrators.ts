import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { TeamIds } from './teams.ts'

/** An owner sees every team, an admin those given to them. */
export interface Administrator {
  readonly id: string
  readonly email: string
  readonly role: 'owner' | 'admin'
  readonly teams: TeamIds
}

/** The columns that `toAdministrator` reads, for queries that join `administrator`. */
export const ADMINISTRATOR_COLUMNS = [
  'administrator.id as administrator_id',
  'administrator.email',
  'administrator.role',
  sql<number[]>`array(select team_id from administrator_team where administrator_id = administrator.id)`.as('team_ids'),
] as const

interface AdministratorColumns {
  administrator_id: string
  email: string
  role: 'owner' | 'admin'
  team_ids: number[]
}

export function toAdministrator(row: AdministratorColumns): Administrator {
  return {
    id: row.administrator_id,
    email: row.email,
    role: row.role,
    teams: row.role === 'owner' ? 'all' : row.team_ids,
  }
}

/** E-mail addresses are compared without case. `passwordHash` is null for one who has not chosen a password yet. */
export async function administratorByEmail(
  db: Database,
  email: string,
): Promise<{ administrator: Administrator; passwordHash: string | null } | null> {
  const row = await db
    .selectFrom('administrator')
    .select([...ADMINISTRATOR_COLUMNS, 'password_hash'])
    .where(sql`lower(email)`, '=', sql`lower(${email})`)
    .executeTakeFirst()
  return row ? { administrator: toAdministrator(row), passwordHash: row.password_hash } : null
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
