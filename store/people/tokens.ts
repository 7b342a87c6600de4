import type { Database } from '../postgres/database.ts'
import { ADMINISTRATOR_COLUMNS, type Administrator, toAdministrator } from './administrators.ts'

export type TokenAccess = 'full' | 'read_only'

/** A token as its maker sees it; what it is made of was shown once. */
export interface ApiToken {
  id: string
  name: string
  /** The one team that it opens; null: every team of its maker. */
  team: string | null
  access: TokenAccess
  createdAt: string
  lastUsedAt: string | null
}

export interface NewToken {
  name: string
  /** SHA-256 of the token. */
  tokenHash: Buffer
  teamId: number | null
  access: TokenAccess
  administratorId: string
}

export interface UsedToken {
  readonly name: string
  readonly access: TokenAccess
  readonly teamId: number | null
  readonly maker: Administrator
}

export async function createToken(db: Database, token: NewToken): Promise<string> {
  const { id } = await db
    .insertInto('api_token')
    .values({
      name: token.name,
      token_hash: token.tokenHash,
      team_id: token.teamId,
      access: token.access,
      administrator_id: token.administratorId,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function countTokens(db: Database, administratorId: string): Promise<number> {
  const { tokens } = await db
    .selectFrom('api_token')
    .select((eb) => eb.fn.countAll<number>().as('tokens'))
    .where('administrator_id', '=', administratorId)
    .executeTakeFirstOrThrow()
  return tokens
}

/** The tokens of one administrator, oldest first. */
export async function listTokens(db: Database, administratorId: string): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom('api_token')
    .leftJoin('team', 'team.id', 'api_token.team_id')
    .select(['api_token.id', 'api_token.name', 'team.team', 'access', 'api_token.created_at', 'last_used_at'])
    .where('administrator_id', '=', administratorId)
    .orderBy('api_token.created_at')
    .orderBy('api_token.id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    team: row.team,
    access: row.access,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }))
}

/** Answers the name of the token that was removed; null when this administrator has none of that id. */
export async function removeToken(db: Database, administratorId: string, id: string): Promise<string | null> {
  const row = await db
    .deleteFrom('api_token')
    .where('id', '=', id)
    .where('administrator_id', '=', administratorId)
    .returning('name')
    .executeTakeFirst()
  return row?.name ?? null
}

/** To look at it, as a request does that lasts, is no use of it. */
export async function useToken(
  db: Database,
  tokenHash: Buffer,
  now: Date,
  purpose: 'use' | 'look' = 'use',
): Promise<UsedToken | null> {
  const row = await db
    .selectFrom('api_token')
    .innerJoin('administrator', 'administrator.id', 'api_token.administrator_id')
    .select([...ADMINISTRATOR_COLUMNS, 'api_token.name as token_name', 'access', 'team_id', 'last_used_at'])
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
  if (!row) return null
  // To the minute is exact enough, and spares a write for each request.
  const isRecent = row.last_used_at && now.getTime() - row.last_used_at.getTime() <= 60_000
  if (purpose === 'use' && !isRecent)
    await db.updateTable('api_token').set({ last_used_at: now }).where('token_hash', '=', tokenHash).execute()
  return { name: row.token_name, access: row.access, teamId: row.team_id, maker: toAdministrator(row) }
}
