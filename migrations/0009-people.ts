import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table administrator
      -- Sealed under the key of this installation: without it the database alone opens nothing.
      add column totp_secret bytea,
      add column totp_on boolean not null default false,
      -- The last time step of which a code was taken: no code works twice.
      add column totp_last_step bigint,
      add column second_factor_required boolean not null default false,
      add check (not totp_on or totp_secret is not null)`.execute(db)
  // By what a session is named where it is listed; its own key must not be shown.
  await sql`alter table session add column id uuid not null unique default gen_random_uuid()`.execute(db)
  await sql`
    create table invitation (
      administrator_id uuid primary key references administrator on delete cascade,
      -- SHA-256 of what the link holds.
      token_hash bytea not null unique,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`
    create table installation (
      -- One line, for what holds for every team.
      sole boolean primary key default true check (sole),
      second_factor text not null default 'optional' check (second_factor in ('optional', 'required'))
    )`.execute(db)
  await sql`insert into installation default values`.execute(db)
}
