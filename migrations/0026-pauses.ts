import { type Kysely, sql } from 'kysely'

/** People are told once that a pause begins, and once that it is over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The pause whose beginning was told and whose end was not.
  await sql`alter table team add column pause_told jsonb`.execute(db)
  await sql`
    alter table mail drop constraint mail_kind_check,
      add constraint mail_kind_check
        check (kind in ('recap', 'missed', 'silent', 'held', 'test', 'invitation', 'undone', 'no_room', 'pause'))`.execute(
    db,
  )
}
