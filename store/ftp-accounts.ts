import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import type { Team } from '../model/team.ts'
import type { Database } from './postgres/database.ts'
import { type Page, pageOf } from './postgres/keyset-page.ts'
import type { Tables } from './postgres/tables.ts'
import { toTeam } from './teams.ts'

export const FTP_USERNAME = /^[A-Za-z0-9._-]{1,64}$/

/** `upload`: upload, list, rename and delete own uploads. `full`: everything in the team's root. */
export type FtpPermissions = 'upload' | 'full'

/** A login for the FTP endpoints, as the API shows it; its password is shown once, when it is made. */
export interface FtpAccount {
  username: string
  publicKeys: string[]
  /** Addresses and networks (CIDR) it may come from; empty: from anywhere. */
  allowedAddresses: string[]
  permissions: FtpPermissions
  enabled: boolean
  createdAt: Date
  lastLoginAt: Date | null
  lastLoginAddress: string | null
}

export interface FtpAccountChanges {
  publicKeys?: string[] | undefined
  allowedAddresses?: string[] | undefined
  permissions?: FtpPermissions | undefined
  enabled?: boolean | undefined
}

export type CreatedFtpAccount =
  | { ok: true; account: FtpAccount; password: string }
  /** Usernames are unique over the whole installation. */
  | { ok: false; reason: 'username-taken' }

/** Makes an account with a password of our own; `username` has been checked against `FTP_USERNAME`. */
export async function createFtpAccount(
  db: Database,
  secret: Buffer,
  teamId: number,
  account: { username: string } & FtpAccountChanges,
): Promise<CreatedFtpAccount> {
  const password = generatePassword()
  const row = await db
    .insertInto('ftp_account')
    .values({
      username: account.username,
      team_id: teamId,
      password_hmac: passwordHmac(secret, account.username, password),
      ...columnsOf(account),
    })
    .onConflict((conflict) => conflict.column('username').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? { ok: true, account: accountOf(row), password } : { ok: false, reason: 'username-taken' }
}

/** By user name, from behind the user name `after`; with `search` only those whose names hold it. */
export async function listFtpAccounts(
  db: Database,
  teamId: number,
  { after, limit, search }: { after?: string | undefined; limit: number; search?: string | undefined },
): Promise<Page<FtpAccount>> {
  let query = db.selectFrom('ftp_account').selectAll().where('team_id', '=', teamId).orderBy('username')
  if (after !== undefined) query = query.where('username', '>', after)
  if (search) query = query.where(sql<boolean>`strpos(lower(username), ${search.toLowerCase()}) > 0`)
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.username, accountOf)
}

/** The name of the first account that may log in. */
export async function firstUsername(db: Database, teamId: number): Promise<string | null> {
  const row = await db
    .selectFrom('ftp_account')
    .select('username')
    .where('team_id', '=', teamId)
    .where('enabled', '=', true)
    .orderBy('username')
    .limit(1)
    .executeTakeFirst()
  return row?.username ?? null
}

/** The account that a new team is shown: the first that has logged in, else the first. */
export async function firstAccount(
  db: Database,
  teamId: number,
): Promise<Pick<FtpAccount, 'username' | 'createdAt' | 'lastLoginAt'> | null> {
  const row = await db
    .selectFrom('ftp_account')
    .select(['username', 'created_at', 'last_login_at'])
    .where('team_id', '=', teamId)
    .orderBy(sql`last_login_at is null`)
    .orderBy('username')
    .limit(1)
    .executeTakeFirst()
  return row ? { username: row.username, createdAt: row.created_at, lastLoginAt: row.last_login_at } : null
}

/** undefined where the team has no such account. */
export async function ftpAccount(db: Database, teamId: number, username: string): Promise<FtpAccount | undefined> {
  const row = await db
    .selectFrom('ftp_account')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('username', '=', username)
    .executeTakeFirst()
  return row && accountOf(row)
}

/** undefined where the team has no such account. */
export async function updateFtpAccount(
  db: Database,
  teamId: number,
  username: string,
  changes: FtpAccountChanges,
): Promise<FtpAccount | undefined> {
  const columns = columnsOf(changes)
  if (Object.keys(columns).length === 0) return ftpAccount(db, teamId, username)
  const row = await db
    .updateTable('ftp_account')
    .set(columns)
    .where('team_id', '=', teamId)
    .where('username', '=', username)
    .returningAll()
    .executeTakeFirst()
  return row && accountOf(row)
}

/** False where the team has no such account. */
export async function deleteFtpAccount(db: Database, teamId: number, username: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('ftp_account')
    .where('team_id', '=', teamId)
    .where('username', '=', username)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** The new password; the old one stops working. Undefined where the team has no such account. */
export async function renewFtpPassword(
  db: Database,
  secret: Buffer,
  teamId: number,
  username: string,
): Promise<string | undefined> {
  const password = generatePassword()
  const { numUpdatedRows } = await db
    .updateTable('ftp_account')
    .set({ password_hmac: passwordHmac(secret, username, password) })
    .where('team_id', '=', teamId)
    .where('username', '=', username)
    .executeTakeFirst()
  return numUpdatedRows > 0n ? password : undefined
}

/** An account that may log in. */
export interface FtpLogin {
  account: FtpAccount
  team: Team
  /** Another as soon as a right of the account changes. */
  version: string
}

/**
 * The account and its team when the password is right and the account enabled. An unknown user costs the same work as a
 * wrong password. Rejects when the database is out of reach: that is no wrong password.
 */
export async function checkFtpLogin(
  db: Database,
  secret: Buffer,
  username: string,
  password: string,
): Promise<FtpLogin | null> {
  // PostgreSQL has no text with a NUL; no account has such a name either.
  const known = FTP_USERNAME.test(username) ? username : ''
  const row = await db.selectFrom('ftp_account').selectAll().where('username', '=', known).executeTakeFirst()
  const given = passwordHmac(secret, username, password)
  const right = timingSafeEqual(given, row?.password_hmac ?? Buffer.alloc(given.length))
  if (!right || !row?.password_hmac || !row.enabled) return null
  const team = await db.selectFrom('team').selectAll().where('id', '=', row.team_id).executeTakeFirstOrThrow()
  return { account: accountOf(row), team: toTeam(team), version: row.version }
}

/** Notes a login, its time to the minute: a client that logs in for each of many files costs one write. */
export async function ftpLoggedIn(
  db: Database,
  { username, lastLoginAt, lastLoginAddress }: FtpAccount,
  address: string,
): Promise<void> {
  if (lastLoginAddress === address && lastLoginAt && Date.now() - lastLoginAt.getTime() < 60_000) return
  await db
    .updateTable('ftp_account')
    .set({ last_login_at: sql<Date>`clock_timestamp()`, last_login_address: address })
    .where('username', '=', username)
    .execute()
}

/** The last login of some account came from `address`. */
export async function isUsualAddress(db: Database, address: string): Promise<boolean> {
  const row = await db
    .selectFrom('ftp_account')
    .select('username')
    .where('last_login_address', '=', address)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * The enabled account of that name and its team, for a login that is proved by something else than a password. The work is
 * the same whether or not there is one.
 */
export async function ftpLoginOf(db: Database, username: string): Promise<FtpLogin | null> {
  const known = FTP_USERNAME.test(username) ? username : ''
  const row = await db.selectFrom('ftp_account').selectAll().where('username', '=', known).executeTakeFirst()
  const team = await db
    .selectFrom('team')
    .selectAll()
    .where('id', '=', row?.team_id ?? 0)
    .executeTakeFirst()
  return row?.enabled && team ? { account: accountOf(row), team: toTeam(team), version: row.version } : null
}

/** The version of an account's rights; null where the account does not exist or was removed. */
export async function ftpVersion(db: Database, username: string): Promise<string | null> {
  const row = await db.selectFrom('ftp_account').select('version').where('username', '=', username).executeTakeFirst()
  return row?.version ?? null
}

/** No letter or digit that is taken for another when it is read aloud or copied by hand. */
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'
const PASSWORD_GROUPS = 6
const GROUP_LENGTH = 5

/** 30 characters of 5 bits each, in groups: 150 random bits. */
function generatePassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => PASSWORD_ALPHABET[randomInt(PASSWORD_ALPHABET.length)])
  return Array.from({ length: PASSWORD_GROUPS }, () => group().join('')).join('-')
}

/** A slow hash would add nothing to a random password, and would let a storm of logins eat the processor. */
function passwordHmac(secret: Buffer, username: string, password: string): Buffer {
  return createHmac('sha256', secret).update(`ftp\0${username}\0${password}`).digest()
}

function columnsOf(changes: FtpAccountChanges) {
  return {
    ...(changes.publicKeys && { public_keys: changes.publicKeys }),
    ...(changes.allowedAddresses && { allowed_addresses: changes.allowedAddresses }),
    ...(changes.permissions && { permissions: changes.permissions }),
    ...(changes.enabled !== undefined && { enabled: changes.enabled }),
  }
}

function accountOf(row: Selectable<Tables['ftp_account']>): FtpAccount {
  return {
    username: row.username,
    publicKeys: row.public_keys,
    allowedAddresses: row.allowed_addresses,
    permissions: row.permissions,
    enabled: row.enabled,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
    lastLoginAddress: row.last_login_address,
  }
}
