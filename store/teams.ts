import type { Team } from '../model/team.ts'
import { keepNumbersOfTeam } from './contacts/stopped-numbers.ts'
import type { Database } from './postgres/database.ts'
import { type Page, pageOf } from './postgres/keyset-page.ts'
import type { TeamRow } from './postgres/tables.ts'

/** The teams that someone may see, by their keys. */
export type TeamIds = 'all' | readonly number[]

export interface NewTeam {
  team: string
  name: string
  timeZone: string
}

export interface TeamChanges {
  name?: string | undefined
  timeZone?: string | undefined
  quotaBytes?: number | undefined
  quotaFiles?: number | undefined
  ftpStrictClose?: boolean | undefined
}

/** Null when the slug is taken. */
export async function createTeam(db: Database, { team, name, timeZone }: NewTeam): Promise<Team | null> {
  const row = await db
    .insertInto('team')
    .values({ team, name, time_zone: timeZone })
    .onConflict((conflict) => conflict.column('team').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? toTeam(row) : null
}

export async function teamBySlug(db: Database, slug: string): Promise<Team | null> {
  const row = await db.selectFrom('team').selectAll().where('team', '=', slug).executeTakeFirst()
  return row ? toTeam(row) : null
}

export async function teamById(db: Database, id: number): Promise<Team | null> {
  const row = await db.selectFrom('team').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toTeam(row) : null
}

/** How many of these teams there are. */
export async function teamsThere(db: Database, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0
  const rows = await db.selectFrom('team').select('id').where('id', 'in', ids).execute()
  return rows.length
}

export async function allTeams(db: Database): Promise<Team[]> {
  const rows = await db.selectFrom('team').selectAll().orderBy('team').execute()
  return rows.map(toTeam)
}

/** By slug, from behind the slug `after`. */
export async function listTeams(
  db: Database,
  among: TeamIds,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Page<Team>> {
  let query = db.selectFrom('team').selectAll().orderBy('team')
  if (among !== 'all') query = query.where('id', 'in', among.length > 0 ? [...among] : [0])
  if (after !== undefined) query = query.where('team', '>', after)
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.team, toTeam)
}

/** Null when the team is gone. */
export async function updateTeam(db: Database, id: number, changes: TeamChanges): Promise<Team | null> {
  const row = await db
    .updateTable('team')
    .set({
      // Also where nothing is to change there must be something to set.
      name: (eb) => (changes.name === undefined ? eb.ref('name') : eb.val(changes.name)),
      ...(changes.timeZone !== undefined && { time_zone: changes.timeZone }),
      ...(changes.quotaBytes !== undefined && { quota_bytes: changes.quotaBytes }),
      ...(changes.quotaFiles !== undefined && { quota_files: changes.quotaFiles }),
      ...(changes.ftpStrictClose !== undefined && { ftp_strict_close: changes.ftpStrictClose }),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  return row ? toTeam(row) : null
}

/** Holds the team until the transaction ends; false when it is gone. */
export async function lockTeam(db: Database, id: number): Promise<boolean> {
  const row = await db.selectFrom('team').select('id').where('id', '=', id).forUpdate().executeTakeFirst()
  return row !== undefined
}

/**
 * Removes the team with everything the database knows of it but the numbers that opted out; its files stay where they are. To be
 * called in a transaction.
 */
export async function removeTeam(db: Database, id: number): Promise<void> {
  await keepNumbersOfTeam(db, id)
  await db.deleteFrom('team').where('id', '=', id).execute()
}

export function toTeam(row: TeamRow): Team {
  return {
    id: row.id,
    team: row.team,
    name: row.name,
    timeZone: row.time_zone,
    quotaBytes: row.quota_bytes,
    quotaFiles: row.quota_files,
    ftpStrictClose: row.ftp_strict_close,
    createdAt: row.created_at,
  }
}
