import { type Kysely, sql } from 'kysely'

/** Columns that say nothing about rights; a column added later does, unless it is named here. */
const NO_RIGHT = {
  ftp_account: ['last_login_at', 'last_login_address', 'version'],
  administrator: ['totp_last_step'],
  administrator_team: [],
  api_token: ['last_used_at'],
  session: ['last_seen_at', 'proven_at'],
  installation: ['disk_full_at'],
  team: [
    ...['last_run_number', 'silence_told_since', 'quota_full_at', 'name', 'time_zone'],
    ...['quota_bytes', 'quota_files', 'ftp_strict_close'],
  ],
}

/**
 * A change of rights sends a signal with the transaction that makes it, and gives an FTP account another version. Triggers do
 * both, so that nothing that changes a right can leave it out: a team that is removed takes its accounts along.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // An account that is made again under its name has another version, too.
  await sql`alter table ftp_account add column version uuid not null default gen_random_uuid()`.execute(db)
  await sql`
    create function renew_version() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
    begin
      new.version := gen_random_uuid();
      return new;
    end $$`.execute(db)
  await sql`
    create function tell_rights() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
    begin
      perform pg_notify('rosterport', json_build_object('kind', 'rights', 'of', tg_table_name, 'account',
        case when tg_table_name = 'ftp_account' then to_jsonb(old) ->> 'username' end)::text);
      return null;
    end $$`.execute(db)
  for (const [name, columns] of Object.entries(NO_RIGHT)) {
    const table = sql.table(name)
    const none = sql`array[${sql.join(columns.map((column) => sql.lit(column)))}]::text[]`
    const changed = sql`(to_jsonb(old) - ${none}) is distinct from (to_jsonb(new) - ${none})`
    if (name === 'ftp_account')
      await sql`
        create trigger rights_renewed before update on ${table} for each row
          when (${changed}) execute function renew_version()`.execute(db)
    await sql`
      create trigger rights_changed after update on ${table} for each row
        when (${changed}) execute function tell_rights()`.execute(db)
    await sql`
      create trigger rights_removed after delete on ${table} for each row execute function tell_rights()`.execute(db)
  }
}
