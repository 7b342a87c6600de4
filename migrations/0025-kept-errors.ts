import { type Kysely, sql } from 'kysely'

/**
 * What one team can fill has a limit. A batch counts all of its rejected records by error, and says how many of them are stored. Null for a batch of an earlier
 * version, which stored all of them. A run says that it waits for the disk.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table batch add column errors_kept integer, add column errors_bytes bigint, add column error_counts jsonb
  `.execute(db)
  // Queued, and held back as long as the disk of the database is full.
  await sql`alter table run add column waits_for_room boolean not null default false`.execute(db)
}
