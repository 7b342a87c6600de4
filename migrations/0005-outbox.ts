import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table mail (
      id uuid primary key default gen_random_uuid(),
      team_id integer references team on delete cascade,
      batch_id uuid references batch on delete cascade,
      kind text not null check (kind in ('recap', 'missed', 'silent', 'held', 'test', 'invitation')),
      -- The same on every try.
      message_id text not null,
      -- [{address, state: queued|sent|failed, reason}]
      recipients jsonb not null,
      -- What a mail that is not a recap says: {subject, text, html}. A recap is written from its batch when it is sent.
      content jsonb,
      -- waiting: the batch is not yet through with its file.
      state text not null check (state in ('waiting', 'queued', 'sent', 'failed')),
      attempts integer not null default 0,
      next_attempt_at timestamptz not null default now(),
      last_error text,
      created_at timestamptz not null default now(),
      sent_at timestamptz,
      check ((kind = 'recap') = (batch_id is not null))
    )`.execute(db)
  // A batch has one recap.
  await sql`create unique index mail_recap on mail (batch_id) where kind = 'recap'`.execute(db)
  await sql`create index mail_due on mail (next_attempt_at) where state = 'queued'`.execute(db)
}
