import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table upload (
      id uuid primary key default gen_random_uuid(),
      team_id integer not null references team on delete cascade,
      path text not null,
      -- The hidden name while the file is not yet published.
      temporary_name text,
      source text not null check (source in ('ftp', 'ftps', 'sftp', 'manual', 'host')),
      account text,
      address text,
      state text not null check (state in ('receiving', 'incomplete', 'unconfirmed', 'ready')),
      started_at timestamptz not null default now(),
      -- When the upload was complete, by our clock: what orders files.
      received_at timestamptz,
      bytes bigint not null default 0,
      sha256 text,
      device text,
      inode text,
      verdict text check (verdict in ('waiting', 'claimed', 'imported', 'rejected', 'held', 'superseded')),
      verdict_reason text,
      verdict_at timestamptz,
      -- The settings under which a rejected file was tried: it is tried again when they change.
      verdict_settings_version integer,
      -- When the file ceased to stand under its path: replaced, removed, archived.
      gone_at timestamptz,
      check ((state = 'ready') = (verdict is not null))
    )`.execute(db)
  // A path holds one file.
  await sql`create unique index upload_present on upload (team_id, path) where state = 'ready' and gone_at is null`.execute(
    db,
  )
  await sql`create index upload_unfinished on upload (team_id) where state in ('receiving', 'unconfirmed')`.execute(db)
  await sql`create index upload_team on upload (team_id, started_at desc)`.execute(db)
}
