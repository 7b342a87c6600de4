import { type Kysely, sql } from 'kysely'

/** A STOP belongs to the number: it outlives the contact that said it, and the team. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // HMAC-SHA-256 (RFC 2104). The key is none of the database's: each connection of the service brings it along.
  await sql`
    create function hashed_number(number text) returns bytea language sql stable as $function$
      select sha256(decode(current_setting('rosterport.number_key_outer'), 'hex')
        || sha256(decode(current_setting('rosterport.number_key_inner'), 'hex') || convert_to(number, 'UTF8')))
    $function$`.execute(db)
  // By the short name of the team, which a team made again has too.
  await sql`
    create table stopped_number (
      team text not null,
      number_hash bytea not null,
      source text not null check (source in ('contact', 'admin')),
      kept_at timestamptz not null default clock_timestamp(),
      primary key (team, number_hash)
    )`.execute(db)
  // A team that the asker cannot see has no row here for them.
  const seen = sql`exists (select from team where team.team = stopped_number.team)`
  await sql`alter table stopped_number enable row level security`.execute(db)
  await sql`create policy team_seen on stopped_number for select using (${seen})`.execute(db)
  await sql`create policy team_changed on stopped_number for update using (${seen}) with check (${seen})`.execute(db)
  await sql`create policy team_removed on stopped_number for delete using (${seen})`.execute(db)
  await sql`create policy team_added on stopped_number for insert with check (${seen})`.execute(db)
  await sql`
    create index contact_stopped on contact (team_id, mobile_number)
      where opted_out and opt_out_source in ('contact', 'admin')`.execute(db)
}
