import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table upload add column process text`.execute(db)
  // Each process names its connections after itself, so an upload knows who receives it.
  await sql`alter table upload alter column process set default current_setting('application_name')`.execute(db)
  await sql`
    alter table batch
      -- The hidden name of a file that was given by hand and never stands in the root.
      add column temporary_name text,
      -- Who let it pass the guardrails.
      add column approved_by text,
      -- What the guardrails found: {findings, counts, samples}.
      add column held jsonb,
      add column decision text check (decision in ('approved', 'discarded')),
      add column decided_by text,
      add column decided_at timestamptz`.execute(db)
  await sql`create index batch_upload on batch (upload_id)`.execute(db)
  await sql`
    alter table slot
      -- When somebody first looked at the open window; null: nobody has, and a slot that ends so was missed.
      add column opened_at timestamptz,
      -- The run that stood in its way at the last look.
      add column blocked_by uuid references run on delete set null`.execute(db)
  await sql`create index slot_waiting on slot (team_id) where state = 'waiting'`.execute(db)
  // When people were told that no file comes any more; they are told once until the next file.
  await sql`alter table team add column silent_notified_at timestamptz`.execute(db)
}
