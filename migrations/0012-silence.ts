import { type Kysely, sql } from 'kysely'

/** Whether people were told is a matter of files, not of the clock: kept is the arrival of the file after which they were. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table team rename column silent_notified_at to silence_told_since`.execute(db)
}
