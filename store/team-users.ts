import type { Database } from './postgres/database.ts'

/** Whom a Staff ID assigns contacts to. */
export interface TeamUser {
  staffId: string
  name: string
  email: string
}

export async function teamUsers(db: Database, teamId: number): Promise<TeamUser[]> {
  const rows = await db.selectFrom('team_user').selectAll().where('team_id', '=', teamId).orderBy('staff_id').execute()
  return rows.map(({ staff_id, name, email }) => ({ staffId: staff_id, name, email }))
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
