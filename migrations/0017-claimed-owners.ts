import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table administrator
      -- When its person first signed in, or chose a password by a link. Before that a start may give another password.
      add column claimed_at timestamptz,
      -- A start generated the password and printed it: the person has to choose another first of all.
      add column must_change_password boolean not null default false`.execute(db)
  // An installation that anybody has used belongs to somebody. The audit forgets, teams and tokens do not.
  await sql`
    update administrator set claimed_at = created_at
    where exists (select from audit where action = 'session.start')
      or exists (select from team) or exists (select from api_token)`.execute(db)
}
