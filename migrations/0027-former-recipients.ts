import { type Kysely, sql } from 'kysely'

/** Those whose addresses are taken off the list of a team are told so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table mail drop constraint mail_kind_check,
      add constraint mail_kind_check
        check (kind in ('recap', 'missed', 'silent', 'held', 'test', 'invitation', 'undone', 'no_room', 'pause', 'removed'))`.execute(
    db,
  )
}
