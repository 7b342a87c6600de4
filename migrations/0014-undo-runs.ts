import { type Kysely, sql } from 'kysely'

/** Undoing a batch is work like a run: whoever claims it does it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table run
      -- The batch of it that is being undone; its lease is for that then.
      add column undoing uuid`.execute(db)
  await sql`
    alter table batch
      -- Who wants it undone: {by, at, actor, failed}; null once that is done.
      add column undo_request jsonb`.execute(db)
  // One thing of a team at a time.
  await sql`drop index run_running`.execute(db)
  await sql`
    create unique index run_at_work on run (team_id) where state = 'running' or undoing is not null`.execute(db)
  await sql`drop index run_unfinished`.execute(db)
  await sql`
    create index run_unfinished on run (created_at)
      where state in ('queued', 'running') or undoing is not null`.execute(db)
}
