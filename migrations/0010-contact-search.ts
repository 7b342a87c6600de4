import { type Kysely, sql } from 'kysely'

/**
 * Finding people by the beginning of a name among millions. Row-level security lets no index serve a comparison that
 * could leak, so the keys are found by a function of the owner's; the contacts themselves are read behind the wall.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['last_name', 'first_name'])
    await sql`create index ${sql.id(`contact_${column}`)} on contact (team_id, lower(${sql.ref(column)}) text_pattern_ops)`.execute(
      db,
    )
  await sql`
    create function contacts_found(team integer, texts text[], whole text[], last text, first text, mobiles text[])
      returns setof text language sql stable security definer set search_path from current as $$
      select contact_id from contact, unnest(texts) beginning
        where team_id = team and contact_id >= beginning and contact_id < (beginning || chr(65535))
      union select contact_id from contact, unnest(whole) beginning
        where team_id = team and lower(last_name) ~>=~ beginning and lower(last_name) ~<~ (beginning || chr(1114111))
      union select contact_id from contact, unnest(whole) beginning
        where team_id = team and lower(first_name) ~>=~ beginning and lower(first_name) ~<~ (beginning || chr(1114111))
      union select contact_id from contact
        where team_id = team and lower(last_name) ~>=~ last and lower(last_name) ~<~ (last || chr(1114111))
          and starts_with(lower(first_name), first)
      union select contact_id from contact, unnest(mobiles) beginning
        where team_id = team and mobile_number >= beginning and mobile_number <= beginning || '999999999999999'
    $$`.execute(db)
}
