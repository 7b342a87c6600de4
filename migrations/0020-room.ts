import { type Kysely, sql } from 'kysely'

/** Uploads that found no room keep why, and people are told once until there is room again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table upload add column no_room text check (no_room in ('disk_full', 'quota'))`.execute(db)
  // The last upload that was refused since people were told; null where there is room.
  await sql`alter table installation add column disk_full_at timestamptz`.execute(db)
  await sql`alter table team add column quota_full_at timestamptz`.execute(db)
  // The last time that the mail server could not be asked, or refused.
  await sql`alter table mail add column failed_at timestamptz`.execute(db)
  await sql`
    alter table mail drop constraint mail_kind_check,
      add constraint mail_kind_check
        check (kind in ('recap', 'missed', 'silent', 'held', 'test', 'invitation', 'undone', 'no_room'))`.execute(db)
}
