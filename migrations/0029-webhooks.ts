import { type Kysely, sql } from 'kysely'
import { confineToTeams } from './row-security.ts'

/** Events leave through the outbox of the mails; what signs them is sealed with the key of the service. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhook_secret (
      team_id integer primary key references team on delete cascade,
      sealed bytea not null,
      -- The one before it, which signs beside it until then.
      former bytea,
      former_until timestamptz,
      -- Administrators were told that an event was given up; null once one arrives.
      failure_told_at timestamptz
    )`.execute(db)
  await confineToTeams(db, 'webhook_secret')
  await sql`
    alter table mail drop constraint mail_kind_check,
      add constraint mail_kind_check
        check (kind in ('recap', 'missed', 'silent', 'held', 'test', 'invitation', 'undone', 'no_room', 'pause', 'removed', 'webhook', 'webhook_failed'))`.execute(
    db,
  )
}
