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
    create function contacts_found(team integer, ids text[], name text, last text, first text, mobiles text[],
        opted boolean, behind text, most integer)
      returns setof text language sql stable security definer set search_path from current as $$
      select contact_id from (
        select contact_id, opted_out from contact, unnest(ids) beginning
          where team_id = team and contact_id >= beginning and contact_id < (beginning || chr(65535))
        union select contact_id, opted_out from contact
          where team_id = team and lower(last_name) ~>=~ name and lower(last_name) ~<~ (name || chr(1114111))
        union select contact_id, opted_out from contact
          where team_id = team and lower(first_name) ~>=~ name and lower(first_name) ~<~ (name || chr(1114111))
        union select contact_id, opted_out from contact
          where team_id = team and lower(last_name) ~>=~ last and lower(last_name) ~<~ (last || chr(1114111))
            and starts_with(lower(first_name), first)
        union select contact_id, opted_out from contact, unnest(mobiles) beginning
          where team_id = team and mobile_number >= beginning and mobile_number <= (beginning || '999999999999999')
      ) found
      where (opted is null or opted_out = opted) and (behind is null or contact_id > behind)
      order by contact_id limit most
    $$`.execute(db)
}
