import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table team (
      id integer generated always as identity primary key,
      team text not null unique check (team ~ '^[a-z0-9-]{1,63}$'),
      name text not null,
      time_zone text not null,
      quota_bytes bigint not null default 21474836480,
      quota_files integer not null default 10000,
      ftp_strict_close boolean not null default true,
      last_run_number integer not null default 0,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table administrator (
      id uuid primary key default gen_random_uuid(),
      email text not null,
      name text not null default '',
      role text not null check (role in ('owner', 'admin')),
      password_hash text,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`create unique index administrator_email on administrator (lower(email))`.execute(db)
  await sql`
    create table administrator_team (
      administrator_id uuid not null references administrator on delete cascade,
      team_id integer not null references team on delete cascade,
      primary key (administrator_id, team_id)
    )`.execute(db)
  await sql`
    create table session (
      -- SHA-256 of what the cookie holds: whoever reads the database cannot sign in with it.
      token_hash bytea primary key,
      administrator_id uuid not null references administrator on delete cascade,
      address text,
      user_agent text,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index session_administrator on session (administrator_id)`.execute(db)
  await sql`
    create table api_token (
      id uuid primary key default gen_random_uuid(),
      name text not null,
      token_hash bytea not null unique,
      -- The one team that the token opens; null: every team of its maker.
      team_id integer references team on delete cascade,
      access text not null default 'full' check (access in ('full', 'read_only')),
      administrator_id uuid not null references administrator on delete cascade,
      created_at timestamptz not null default now(),
      last_used_at timestamptz
    )`.execute(db)
  await sql`
    create table ftp_account (
      username text primary key,
      team_id integer not null references team on delete cascade,
      -- HMAC-SHA-256 of the generated password under the key of this installation.
      password_hmac bytea,
      public_keys text[] not null default '{}',
      allowed_addresses text[] not null default '{}',
      permissions text not null default 'upload' check (permissions in ('upload', 'full')),
      enabled boolean not null default true,
      created_at timestamptz not null default now(),
      last_login_at timestamptz
    )`.execute(db)
  await sql`create index ftp_account_team on ftp_account (team_id)`.execute(db)
  await sql`
    create table team_user (
      team_id integer not null references team on delete cascade,
      staff_id text not null,
      name text not null,
      email text not null
    )`.execute(db)
  // Staff IDs are compared without case.
  await sql`create unique index team_user_staff_id on team_user (team_id, lower(staff_id))`.execute(db)
  await sql`
    create table import_settings (
      team_id integer not null references team on delete cascade,
      version integer not null check (version > 0),
      settings jsonb not null,
      saved_by text not null,
      saved_at timestamptz not null default now(),
      primary key (team_id, version)
    )`.execute(db)
  await sql`
    create table audit (
      id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      team_id integer references team on delete set null,
      -- Kept beside the id, so that the story can be read after the team is gone.
      team text,
      actor text not null,
      actor_kind text not null check (actor_kind in ('administrator', 'token', 'ftp_account', 'system')),
      address text,
      action text not null,
      subject text,
      details jsonb not null default '{}'
    )`.execute(db)
  await sql`create index audit_team on audit (team_id, id)`.execute(db)
}
