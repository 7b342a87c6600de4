import { type Kysely, sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { up } from '../../../migrations/0017-claimed-owners.ts'
import { isClaimed } from '../../../store/people/administrators.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { testDatabase } from '../../support/database.ts'
import { insertTeam } from '../../support/teams.ts'

const { db } = testDatabase()

beforeEach(async () => {
  for (const table of ['audit', 'administrator', 'team'] as const) await db.deleteFrom(table).execute()
})

const installations: { title: string; made: (db: Database) => Promise<unknown>; claimed: boolean }[] = [
  { title: 'that nobody has used', made: async () => {}, claimed: false },
  { title: 'that has a team', made: (db) => insertTeam(db, 'admissions'), claimed: true },
  {
    title: 'that somebody has signed in to',
    made: (db) =>
      db
        .insertInto('audit')
        .values({
          ...{ team_id: null, team: null, actor: 'dana@example.edu', actor_kind: 'administrator', address: null },
          ...{ action: 'session.start', subject: null },
        })
        .execute(),
    claimed: true,
  },
]
for (const { title, made, claimed } of installations)
  test(`after an upgrade the owner of an installation ${title} is ${claimed ? '' : 'not '}claimed`, async () => {
    await sql`alter table administrator drop column claimed_at, drop column must_change_password`.execute(db)
    await sql`insert into administrator (email, role, password_hash) values ('dana@example.edu', 'owner', 'x')`.execute(
      db,
    )
    await made(db)
    await up(db as unknown as Kysely<unknown>)
    expect(await isClaimed(db)).toBe(claimed)
  })
