import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table run (
      id uuid primary key default gen_random_uuid(),
      team_id integer not null references team on delete cascade,
      number integer not null,
      trigger text not null check (trigger in ('scheduled', 'on_demand', 'manual')),
      window_name text check (window_name in ('overnight', 'morning', 'afternoon', 'evening')),
      window_date date,
      state text not null check (state in ('queued', 'running', 'imported', 'imported_with_errors', 'rejected', 'failed',
        'nothing_to_import', 'held', 'aborted')),
      requested_by text,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      files jsonb not null default '[]',
      -- Who works on it and until when that is believed, in the time of this database.
      lease_owner text,
      lease_until timestamptz,
      abort_requested_at timestamptz,
      unique (team_id, number),
      check ((window_name is null) = (window_date is null))
    )`.execute(db)
  await sql`create index run_team on run (team_id, created_at desc)`.execute(db)
  // One run of a team at a time.
  await sql`create unique index run_running on run (team_id) where state = 'running'`.execute(db)
  await sql`create index run_unfinished on run (created_at) where state in ('queued', 'running')`.execute(db)
  await sql`
    create table batch (
      id uuid primary key default gen_random_uuid(),
      run_id uuid not null references run on delete cascade,
      team_id integer not null references team on delete cascade,
      ordinal integer not null,
      upload_id uuid references upload on delete set null,
      state text not null check (state in ('queued', 'parsing', 'applying', 'imported', 'imported_with_errors', 'rejected',
        'held', 'failed', 'aborted', 'undone')),
      path text not null,
      file_name text not null,
      bytes bigint not null,
      sha256 text,
      received_at timestamptz,
      settings_version integer not null,
      -- The header of the file, for the error file. As json: jsonb refuses the NUL that a damaged file may hold.
      header json,
      records bigint not null default 0,
      created bigint not null default 0,
      updated bigint not null default 0,
      unchanged bigint not null default 0,
      rejected bigint not null default 0,
      superseded bigint not null default 0,
      opted_out bigint not null default 0,
      opted_in bigint not null default 0,
      warnings jsonb not null default '{}',
      problem jsonb,
      after_action text check (after_action in ('move', 'delete')),
      after_state text not null default 'none' check (after_state in ('none', 'pending', 'done', 'failed')),
      after_path text,
      started_at timestamptz,
      finished_at timestamptz,
      unique (run_id, ordinal),
      check (records = created + updated + unchanged + rejected + superseded)
    )`.execute(db)
  await sql`create index batch_team on batch (team_id, finished_at desc)`.execute(db)
  await sql`create index batch_after_pending on batch (team_id) where after_state = 'pending'`.execute(db)
  await sql`
    create table record_error (
      batch_id uuid not null references batch on delete cascade,
      line bigint not null,
      contact_id text,
      errors jsonb not null,
      -- As json: jsonb refuses the NUL for which a record may have been rejected.
      record_values json not null,
      primary key (batch_id, line)
    )`.execute(db)
  await sql`
    create table record_warning (
      batch_id uuid not null references batch on delete cascade,
      line bigint not null,
      code text not null,
      contact_id text,
      message text not null
    )`.execute(db)
  await sql`create index record_warning_batch on record_warning (batch_id, line)`.execute(db)
  await sql`
    create table slot (
      team_id integer not null references team on delete cascade,
      window_name text not null check (window_name in ('overnight', 'morning', 'afternoon', 'evening')),
      local_date date not null,
      state text not null check (state in ('waiting', 'done', 'empty', 'missed', 'skipped_overlap')),
      opens_at timestamptz not null,
      closes_at timestamptz not null,
      run_id uuid references run on delete set null,
      updated_at timestamptz not null default now(),
      -- Whoever wins this key runs the window, on however many machines.
      primary key (team_id, window_name, local_date)
    )`.execute(db)
}
