import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table contact (
      team_id integer not null references team on delete cascade,
      contact_id text not null,
      first_name text not null,
      last_name text not null,
      mobile_number text not null check (mobile_number ~ '^\\+[1-9][0-9]{4,14}$'),
      staff_id text,
      custom_fields jsonb not null default '{}',
      opted_out boolean not null default false,
      opt_out_source text not null default 'default' check (opt_out_source in ('default', 'import', 'admin', 'contact')),
      opt_out_changed_at timestamptz not null default now(),
      -- What the last import saw, so that an unchanged record need not be compared; null after any change from outside.
      record_hash bigint,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      last_batch_id uuid references batch on delete set null,
      primary key (team_id, contact_id)
    )`.execute(db)
  await sql`create index contact_mobile_number on contact (team_id, mobile_number)`.execute(db)
  await sql`
    create view contact_list as
      select team.team, contact_id, first_name, last_name, mobile_number, staff_id, opted_out, custom_fields, updated_at
      from contact join team on team.id = contact.team_id`.execute(db)
}
