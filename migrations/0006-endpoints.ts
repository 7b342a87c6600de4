import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // What broke off and is kept for a while under its hidden name, for its account to continue.
  await sql`create index upload_kept on upload (team_id, path) where state = 'incomplete' and temporary_name is not null`.execute(
    db,
  )
  // Where an account logged in from last: a ban of that address does not shut it out.
  await sql`alter table ftp_account add column last_login_address text`.execute(db)
  await sql`create index ftp_account_address on ftp_account (last_login_address)`.execute(db)
}
