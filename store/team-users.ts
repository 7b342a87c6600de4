import { sql } from 'kysely'
import type { Database } from './postgres/database.ts'
import { type Page, pageOf } from './postgres/keyset-page.ts'

/** Whom a Staff ID assigns contacts to. */
export interface TeamUser {
  staffId: string
  name: string
  email: string
}

export async function teamUsers(db: Database, teamId: number): Promise<TeamUser[]> {
  const rows = await db.selectFrom('team_user').selectAll().where('team_id', '=', teamId).orderBy('staff_id').execute()
  return rows.map(toTeamUser)
}

/** By Staff ID, from behind the Staff ID `after`; with `search` only those whose Staff ID, name or address holds it. */
export async function listTeamUsers(
  db: Database,
  teamId: number,
  { after, limit, search }: { after?: string | undefined; limit: number; search?: string | undefined },
): Promise<Page<TeamUser>> {
  let query = db.selectFrom('team_user').selectAll().where('team_id', '=', teamId).orderBy('staff_id')
  if (after !== undefined) query = query.where('staff_id', '>', after)
  if (search)
    query = query.where(
      sql<boolean>`strpos(lower(concat_ws(chr(10), staff_id, name, email)), ${search.toLowerCase()}) > 0`,
    )
  const rows = await query.limit(limit + 1).execute()
  return pageOf(rows, limit, (row) => row.staff_id, toTeamUser)
}

export async function countTeamUsers(db: Database, teamId: number): Promise<number> {
  const { users } = await db
    .selectFrom('team_user')
    .select((eb) => eb.fn.countAll<number>().as('users'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  return users
}

function toTeamUser({ staff_id, name, email }: { staff_id: string; name: string; email: string }): TeamUser {
  return { staffId: staff_id, name, email }
}

/** Replaces all users of the team; this assigns contacts with the Staff ID of a new one. */
export async function replaceTeamUsers(db: Database, teamId: number, users: readonly TeamUser[]): Promise<void> {
  await db.deleteFrom('team_user').where('team_id', '=', teamId).execute()
  if (users.length === 0) return
  await db
    .insertInto('team_user')
    .values(users.map(({ staffId, name, email }) => ({ team_id: teamId, staff_id: staffId, name, email })))
    .execute()
}
