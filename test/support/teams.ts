import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { createTeam } from '../../store/teams.ts'

/** A team whose name is its slug. */
export async function insertTeam(db: Database, slug: string): Promise<Team> {
  const team = await createTeam(db, { team: slug, name: slug, timeZone: 'UTC' })
  if (!team) throw new Error(`there is already a team ${slug}`)
  return team
}

/** A contact as an import would create it. */
export async function insertContact(db: Database, teamId: number, contactId = '1001'): Promise<void> {
  const person = { first_name: 'Ann', last_name: 'Lee', mobile_number: '+17165550101', staff_id: null }
  await db
    .insertInto('contact')
    .values({ ...person, team_id: teamId, contact_id: contactId, record_hash: null, last_batch_id: null })
    .execute()
}
