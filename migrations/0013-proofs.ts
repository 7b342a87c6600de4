import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table recovery_code (
      administrator_id uuid not null references administrator on delete cascade,
      -- SHA-256 of the code; what was used is removed.
      code_hash bytea not null,
      primary key (administrator_id, code_hash)
    )`.execute(db)
  // When whoever has this session last gave the password.
  await sql`alter table session add column proven_at timestamptz not null default now()`.execute(db)
}
