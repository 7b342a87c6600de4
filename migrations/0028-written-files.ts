import { type Kysely, sql } from 'kysely'
import { confineToTeams } from './row-security.ts'

/** The files that the service itself writes into the roots of teams: it is due, or it stands there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table written_file (
      id uuid primary key default gen_random_uuid(),
      team_id integer not null references team on delete cascade,
      kind text not null check (kind in ('result', 'rejected_records')),
      path text not null,
      -- What it tells about.
      batch_id uuid references batch on delete cascade,
      upload_id uuid references upload on delete cascade,
      window_name text check (window_name in ('overnight', 'morning', 'afternoon', 'evening')),
      window_date text,
      -- The receipt of the file, or the end of the window: of two under one path the later one counts.
      about_at timestamptz not null,
      state text not null check (state in ('due', 'written', 'failed')),
      -- Counts what it has to tell: one that rose while the file was written makes it due again.
      revision integer not null default 1,
      attempts integer not null default 0,
      created_at timestamptz not null default clock_timestamp(),
      next_attempt_at timestamptz not null default clock_timestamp(),
      last_error text,
      -- The file that stands there, or may: it is recorded before it gets its name.
      bytes bigint,
      sha256 text,
      -- The one that it replaces.
      former_bytes bigint,
      former_sha256 text,
      device text,
      inode text,
      changed_at timestamptz,
      written_at timestamptz,
      unique (team_id, path)
    )`.execute(db)
  await sql`create index written_file_due on written_file (next_attempt_at) where state = 'due'`.execute(db)
  await sql`create index written_file_batch on written_file (batch_id)`.execute(db)
  await sql`create index written_file_upload on written_file (upload_id)`.execute(db)
  await confineToTeams(db, 'written_file')
}
